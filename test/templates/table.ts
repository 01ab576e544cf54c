import { templateCases } from './cases.ts';
import { type Cell, type Outcome, wasTaken } from './matrix.ts';

const top = `# Chat templates and the local model

Written by \`npm run test:templates\`: what Claude Code sends, for each chat template that came with the engine, through the real
LiteLLM with the gateway's modules to a real llama.cpp server with tiny weights. It shows which requests are understood, not how
well a model answers.

`;

/** The page: how many requests are refused with and without the gateway, and each refusal that is left. */
export function tableText(cells: readonly Cell[]): string {
  const templates = [...new Set(cells.map(({ template }) => template))];
  const rows = templateCases.map(({ name }) => {
    const column = cells.filter((cell) => cell.name === name);
    const refused = (side: 'direct' | 'through') => column.filter((cell) => !wasTaken(cell[side])).length;
    return `| ${name} | ${refused('direct')} | ${refused('through')} |`;
  });
  const sum = (side: 'direct' | 'through') => cells.filter((cell) => !wasTaken(cell[side])).length;
  const left = cells.filter(({ through }) => !wasTaken(through));
  return [
    top,
    `${templates.length} templates, ${templateCases.length} requests each: ${sum('direct')} of ${cells.length} are refused by the engine when sent directly, `,
    `${sum('through')} through the gateway.\n\n`,
    '| request | refused directly | refused through the gateway |\n|---|---|---|\n',
    `${rows.join('\n')}\n\n`,
    left.length === 0
      ? '## What is left\nNothing.\n'
      : `## What is left\n| template | request | answer |\n|---|---|---|\n${left.map(leftRow).join('\n')}\n`,
    `\n## Refused without the gateway\n| template | requests |\n|---|---|\n${templates.flatMap((template) => directRow(cells, template)).join('\n')}\n`,
  ].join('');
}

function leftRow({ template, name, through }: Cell): string {
  return `| ${template} | ${name} | ${inCell(through)} |`;
}

function directRow(cells: readonly Cell[], template: string): readonly string[] {
  const refused = cells.filter((cell) => cell.template === template && !wasTaken(cell.direct));
  return refused.length === 0 ? [] : [`| ${template} | ${refused.map(({ name }) => name).join(', ')} |`];
}

function inCell({ status, error = '' }: Outcome): string {
  return `${status} ${error.replace(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 200)}`;
}
