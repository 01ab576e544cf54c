/** Days that are looked at unless somebody says otherwise. */
export const usualDays = 7;
