/**
 * Names the folder of a paper machine to the program that was built for such. The program that is shipped does not know it. Its name is
 * not that of an answer, which would be known before the first question then.
 */
export const paperFolderVariable = 'PAPER_MACHINE_FOLDER';
