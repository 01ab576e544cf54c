/** What the program is called by. */
export const programName = 'claude-routing-install';
