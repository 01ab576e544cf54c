/** Names the folder of a paper machine to the program that was built for such. The program that is shipped does not know it. */
export const paperFolderVariable = 'CLAUDE_ROUTING_PAPER_MACHINE';
