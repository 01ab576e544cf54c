import type { Context } from '../../../context.ts';
import type { Probe } from '../../../host/host.ts';
import type { Layout } from '../../../layout.ts';
import type { EditedText, FileResource, Resource, ResourceId } from '../../../resources/resource.ts';
import { launchersFor } from '../launchers.ts';
import { adoptBashrc, adoptFish, disableLegacySetup, findAliases, retireAliases } from './bashrc.ts';
import type { LegacyChoices } from './legacy-setup.ts';
import { fishBlock, fishEnvironment, zshBlock, zshEnvironment } from './other-shells.ts';
import { type ShellChoices, shellBlock, shellEnvironment } from './shell-environment.ts';
import { findShells, textOf, type ZshFiles } from './shells.ts';

/** What makes the launchers known to the shells of the account: for each a file of ours, and a marked block that sources it. */
export async function shellFiles(context: Context, probe: Probe): Promise<readonly Resource[]> {
  const { layout } = context;
  const choices = shellChoices(context);
  const { zsh, fish } = await findShells(probe, layout);
  return [
    environment('shell-environment', 'shell environment', layout.shellEnvironment, shellEnvironment(layout, choices)),
    edited(layout, layout.bashrc, (current, name) => adoptBashrc(current, shellBlock(layout), choices, name)),
    ...(await aliasFiles(layout, probe)),
    ...(zsh === undefined ? [] : await zshResources(layout, choices, zsh, probe)),
    ...(fish === undefined
      ? []
      : [
          environment(
            'fish-environment',
            'fish environment',
            layout.fish.environment,
            fishEnvironment(layout, choices),
          ),
          edited(layout, fish, (current, name) => adoptFish(current, fishBlock(layout), name)),
        ]),
  ];
}

function shellChoices({ answers }: Context): ShellChoices {
  const { shellFunctions, exportSecrets } = answers.launchers;
  return { launchers: launchersFor(answers), shellFunctions, exportSecrets, mise: answers.toolchain.mise };
}

async function zshResources(
  layout: Layout,
  choices: ShellChoices & LegacyChoices,
  { starts, later }: ZshFiles,
  probe: Probe,
): Promise<readonly Resource[]> {
  const retire = (current: string, name: string): EditedText => disableLegacySetup(current, choices, name);
  const texts = await Promise.all(later.map(async (path) => (await textOf(probe, path)) ?? ''));
  const changed = later.filter((path, index) => {
    const found = disableLegacySetup(texts[index] ?? '', choices, path);
    return !found.ok || found.value.text !== texts[index];
  });
  return [
    environment('zsh-environment', 'zsh environment', layout.zsh.environment, zshEnvironment(layout, choices)),
    ...starts.map((path) =>
      edited(layout, path, (current, name) => adoptBashrc(current, zshBlock(layout), choices, name)),
    ),
    ...changed.map((path) => edited(layout, path, retire)),
  ];
}

function environment(id: ResourceId, title: string, path: string, content: string): FileResource {
  return { kind: 'file', id, title, path, content, mode: 0o644, directoryMode: 0o700 };
}

/** A file of the person, titled as a person would type it. */
function edited({ home }: Layout, path: string, edit: (current: string, name: string) => EditedText): FileResource {
  const title = path.replace(`${home}/`, '~/');
  return {
    kind: 'file',
    id: `start-up-file:${path}`,
    title,
    path,
    content: (current = '') => edit(current, title),
    mode: 0o644,
    keepMode: true,
  };
}

/** Other files of bash in which an alias of a launcher's name would keep its function from being defined. */
async function aliasFiles(layout: Layout, probe: Probe): Promise<readonly Resource[]> {
  const paths = ['.bash_aliases', '.profile'].map((name) => `${layout.home}/${name}`);
  const texts = await Promise.all(paths.map(async (path) => await textOf(probe, path)));
  return paths.flatMap((path, index) =>
    findAliases(texts[index] ?? '').length === 0 ? [] : [edited(layout, path, retireAliases)],
  );
}
