const two = (part: number): string => String(part).padStart(2, '0');

/** `2026-11-23` where the program runs. */
export function localDay(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** `14:03` where the program runs. */
export function localMinute(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `14:03:07` where the program runs. */
export function localSecond(date: Date): string {
  return `${localMinute(date)}:${two(date.getSeconds())}`;
}

/** An ISO time as a person here would write it: date and minutes, in the time zone of the machine. */
export function moment(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? 'an unknown time' : `${localDay(date)} ${localMinute(date)}`;
}
