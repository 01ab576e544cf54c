import type { Context } from '../../context.ts';
import { type Layout, launcherNames, type ShellName } from '../../layout.ts';
import type { FileResource } from '../../resources/resource.ts';
import type { ResourceId } from '../../resources/resource-id.ts';
import { launchersFor } from './launchers.ts';
import { launcherPage } from './manual.ts';

/** The manual's pages, and the completion of the shells that the account uses. A page goes with its launcher. */
export function handbookFiles(context: Context, shells: readonly ShellName[]): readonly FileResource[] {
  const { handbook, layout, answers } = context;
  const wanted = launchersFor(answers);
  return [
    page(layout, 'claude-routing-install', handbook.page),
    ...launcherNames.map((name) => page(layout, name, wanted.includes(name) ? launcherPage(name, layout) : undefined)),
    ...shells.map((shell) =>
      file(`completion:${shell}`, `completion in ${shell}`, layout.completion[shell], handbook.completion[shell]),
    ),
  ];
}

function page({ manualPages }: Layout, name: keyof Layout['manualPages'], text: string | undefined): FileResource {
  return file(`manual-page:${name}`, `manual of ${name}`, manualPages[name], text);
}

function file(id: ResourceId, title: string, path: string, content: string | undefined): FileResource {
  return { kind: 'file', id, title, path, content, mode: 0o644 };
}

/** Every such file that there may be. */
export function allHandbookFiles(layout: Layout): readonly Pick<FileResource, 'id' | 'title' | 'path'>[] {
  const { completion, manualPages } = layout;
  const pages = Object.keys(manualPages) as (keyof Layout['manualPages'])[];
  const shells = Object.keys(completion) as ShellName[];
  return [
    ...pages.map((name) => page(layout, name, undefined)),
    ...shells.map((shell) => file(`completion:${shell}`, `completion in ${shell}`, completion[shell], undefined)),
  ];
}
