/** A template with each `{{slot}}` filled. */
export function filledWith(template: string, slots: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_, slot: string) => {
    const text = slots[slot];
    if (text === undefined) throw new Error(`the template has an unknown slot: ${slot}`);
    return text;
  });
}

/** Units of 1.0 and 1.1 say no more of themselves than this. */
const ofUnits =
  /%h\/\.(?:config|local\/state)\/claude-routing\/|^Description=Looks every quarter of an hour whether Claude Code or the gateway was updated$/m;

/** Whether a text is one of those that this program writes whole, whoever edited it since: one of somebody else may have its name. */
export function isOwnText(text: string): boolean {
  return text.includes('Kept by claude-routing-install') || ofUnits.test(text);
}
