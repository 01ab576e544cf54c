/** A template with each `{{slot}}` filled. */
export function filledWith(template: string, slots: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_, slot: string) => {
    const text = slots[slot];
    if (text === undefined) throw new Error(`the template has an unknown slot: ${slot}`);
    return text;
  });
}
