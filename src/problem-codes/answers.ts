import type { Explanation } from './explanation.ts';

/** The answers, and what they ask of the models and clouds. */
export const answersProblems = {
  'answer-missing': {
    meaning: 'a required answer is missing',
    causes: 'The answers file does not contain the key.',
    fix: 'claude-routing-install answers check FILE   then give it there, or with  --set KEY=VALUE',
  },
  'answer-unknown': {
    meaning: 'there is no answer of that name',
    causes: 'A misspelling, or a key of another version.',
    fix: 'claude-routing-install answers schema',
  },
  'answer-wrong': {
    meaning: 'an answer has an invalid value',
    causes:
      'A number out of range, a word that is not one of the choices, a name that this machine or server does not know.',
    fix: 'claude-routing-install answers check FILE   then change it, or override it with  --set KEY=VALUE',
  },
  'answers-changed': {
    meaning: 'your answers or this program have changed since it was installed',
    causes: 'The answers were edited, or this is a newer version of the program.',
    fix: 'claude-routing-install plan   shows what it would change',
  },
  'answers-file-unreadable': {
    meaning: 'the answers file is not YAML, or not a list of answers',
    causes: 'An indentation or a quotation mark is wrong, or it is the wrong file.',
    fix: 'claude-routing-install answers check FILE',
  },
  'cloud-models-not-chosen': {
    meaning: 'a cloud is chosen, but none of its models',
    causes: 'The models were left out of the answers, or the account has none that Claude Code uses.',
    fix: 'claude-routing-install --ask   or  --set cloud.anthropic.models.sonnet=ID',
  },
  'cloud-not-described': {
    meaning: 'something needs a cloud, and the answers describe none',
    causes: 'A profile or a failover target was chosen without a cloud.',
    fix: 'claude-routing-install --ask   or  --set routing.profile=offline',
  },
  'failover-not-agreed': {
    meaning: 'a profile sends conversations to the cloud, and you have not agreed to that',
    causes: 'routing.profile wants failover, and failover.allowed is false.',
    fix: '--set failover.allowed=true   or  --set routing.profile=offline',
  },
  'local-model-not-chosen': {
    meaning: 'no local model is chosen, and there is more than one to choose from',
    causes: 'The server lists several models, and the answers name none.',
    fix: 'claude-routing-install --ask   or  --set localModel.model=ID',
  },
  'model-names-clash': {
    meaning: 'two models would have the same name at the gateway',
    causes: 'Two of the chosen ids are shortened to the same name.',
    fix: 'claude-routing-install --ask   and choose another id for one of them',
  },
  'model-not-at-gateway': {
    meaning: 'the answers name a model that the gateway will not have',
    causes: 'cloud.main or failover.target is not among the chosen models.',
    fix: 'choose one of the names that the problem lists:  --set cloud.main=NAME  or  --set failover.target=NAME',
  },
  'sealed-folder-missing': {
    meaning: 'a folder that is to be sealed does not exist',
    causes: 'It was moved or removed, its disk is not mounted, or the name is misspelt.',
    fix: 'create the folder, or name only folders that exist:  claude-routing-install --set "routing.sealed=[~/FOLDER]"',
  },
} as const satisfies Record<string, Explanation>;
