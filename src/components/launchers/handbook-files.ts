import { secretVariables } from '../../config/secrets.ts';
import type { Context } from '../../context.ts';
import { type LauncherName, type Layout, launcherNames, type ShellName } from '../../layout.ts';
import type { FileResource, ResourceId } from '../../resources/resource.ts';
import { item, manualPage, paragraph, section, typedLines } from '../../text/roff.ts';
import { isOwnText } from '../../text/template.ts';
import { allToolsSwitch, launchersFor, purposes } from './launchers.ts';
import { limitVariables, routingPrefixes, routingVariables } from './routing-variables.ts';

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
  return { kind: 'file', id, title, path, content, mode: 0o644, isOurs: isOwnText };
}

/** Every such file that may exist. */
export function allHandbookFiles(layout: Layout): readonly Pick<FileResource, 'id' | 'title' | 'path'>[] {
  const { completion, manualPages } = layout;
  const pages = Object.keys(manualPages) as (keyof Layout['manualPages'])[];
  const shells = Object.keys(completion) as ShellName[];
  return [
    ...pages.map((name) => page(layout, name, undefined)),
    ...shells.map((shell) => file(`completion:${shell}`, `completion in ${shell}`, completion[shell], undefined)),
  ];
}

/** A launcher's manual page. It is the same for all answers, so changing them never changes the manual. */
export function launcherPage(name: LauncherName, { secretsFile, ...layout }: Layout): string {
  const direct = name === 'claude-api';
  const key = direct ? secretVariables.anthropicKey : secretVariables.gatewayKey;
  const families = routingPrefixes.map((prefix) => `${prefix}*`);
  return manualPage(name, purposes[name].replace(/\.$/, ''), [
    section('SYNOPSIS', [typedLines([`${name} [ARGUMENTS OF claude]`])]),
    section('DESCRIPTION', [
      paragraph(purposes[name]),
      paragraph(
        'Takes every argument of claude, in any directory. No repository and no settings file can change its route.',
      ),
    ]),
    ...(direct ? [] : [section('OPTIONS', [item(allToolsSwitch, allTools)])]),
    section('ENVIRONMENT', [
      paragraph('What these were set to before has no effect: the launcher sets or removes each of them.'),
      paragraph([...families, ...routingVariables, ...limitVariables].join(', ')),
      paragraph('Which value one of them has, and why:'),
      typedLines(['claude-routing-install doctor why NAME']),
    ]),
    section('FILES', [
      item(secretsFile, `holds ${key}, which is all that is read of it`),
      item(direct ? layout.apiConfigDir : layout.routedConfigDir, 'settings and conversations of this launcher'),
    ]),
    section('EXIT STATUS', [
      paragraph('The exit status of claude, or:'),
      item('69', `there is no ${key} to send, or no Claude Code`),
    ]),
    section('SEE ALSO', [paragraph('claude-routing-install(1)')]),
  ]);
}

const allTools =
  'offer all tools of Claude Code where the local model does everything; it is offered the core ones otherwise, since it reads the description of each before its first word';
