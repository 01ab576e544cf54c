import type { Plugin } from 'vite';

export declare const folderTexts: Plugin;
