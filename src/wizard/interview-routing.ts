import { failoverTarget, gatewayModels } from '../components/gateway/models.ts';
import { overflowGoesToCloud, profileOf, profileWords } from '../components/gateway/routing/profiles.ts';
import { type Answers, type AnswersInput, answersSchema, hasCloud, type Profile, profiles } from '../config/schema.ts';
import { given } from '../text/json.ts';
import type { Choice } from '../ui/ui.ts';
import type { Asking } from './questions.ts';

/** What is known when it is asked what goes where. */
export type KnownSoFar = Pick<AnswersInput, 'localModel'> & Required<Pick<AnswersInput, 'cloud'>>;
export type RoutingInterviewed = Required<Pick<AnswersInput, 'routing' | 'failover'>>;
type FailoverAnswers = NonNullable<AnswersInput['failover']>;

/** What goes where, and what may leave for the cloud when the local model cannot answer. Without a cloud nothing is asked. */
export async function askRouting(about: Asking, known: KnownSoFar): Promise<RoutingInterviewed> {
  const { earlier, questions } = about;
  const target = keptTarget(known, earlier);
  const agreed: FailoverAnswers = { allowed: true, ...target, ...keptDetails(earlier) };
  const taker = takerOf({ ...known, failover: agreed });
  if (taker === undefined) return { routing: keptOffline(earlier), failover: { allowed: false } };
  let offered = offeredProfile(earlier);
  const first = questions.number() + 1;
  for (;;) {
    const profile = await askProfile(about, offered);
    const allowed = await askFailover(about, { ...known, routing: { profile }, failover: agreed }, taker);
    if (allowed !== 'back') return { routing: { profile }, failover: { ...agreed, allowed } };
    offered = 'cloud-foreground';
    questions.returnTo(first);
  }
}

/** The earlier target, unless its cloud is no longer there. */
function keptTarget(known: KnownSoFar, earlier: Answers | undefined): { readonly target?: string } {
  const target = earlier?.failover.target;
  const offered = gatewayModels(whole(known)).map(({ name }) => name);
  return target !== undefined && offered.includes(target) ? { target } : {};
}

/** Not asked about, and therefore left unchanged. */
function keptDetails(earlier: Answers | undefined): Pick<FailoverAnswers, 'overflow' | 'images'> {
  const { overflow, images } = earlier?.failover ?? {};
  return { ...given({ overflow, images }) };
}

function keptOffline(earlier: Answers | undefined): { readonly profile?: Profile } {
  return earlier?.routing.profile === 'offline' ? { profile: 'offline' } : {};
}

/** What holds already; without a cloud so far, the one that is in front when nobody chooses. */
function offeredProfile(earlier: Answers | undefined): Profile {
  if (earlier === undefined) return 'cloud-foreground';
  return hasCloud(earlier) ? profileOf(earlier) : (earlier.routing.profile ?? 'cloud-foreground');
}

/** Consent needs to know who would get it: the model and whose it is are named. */
function takerOf(asked: KnownSoFar & Pick<AnswersInput, 'failover'>): string | undefined {
  const answers = whole(asked);
  const name = failoverTarget(answers);
  if (name === undefined) return undefined;
  const kind = gatewayModels(answers).find((model) => model.name === name)?.backend.kind;
  const foundry = `${name.replace(/^foundry\//, '')} at Microsoft (Azure AI Foundry)`;
  return kind === 'foundry' ? foundry : `${name} at Anthropic`;
}

function whole(asked: Omit<AnswersInput, 'version'>): Answers {
  return answersSchema.parse({ version: 1, ...asked });
}

async function askProfile({ ui, questions }: Asking, offered: Profile): Promise<Profile> {
  questions.begin(
    'What goes where?',
    'In claude-routed; claude-local and claude-offline use the local model. Finer rules are written by hand: routing.rules.',
  );
  return await ui.choose({
    id: 'profile',
    message: 'Profile',
    choices: profiles.map((value) => ({ value, label: profileWords[value].label, detail: profileWords[value].goes })),
    default: offered,
  });
}

type Consent = 'no' | 'yes' | 'background' | 'back';

const no = 'no, fail instead';
const yes = 'yes, whole conversations too';
const background = 'only background work';

/** Who may be sent what: each answer says what happens in every mode that it affects. */
const consents: Readonly<Record<Profile, readonly Choice<Consent>[]>> = {
  'cloud-foreground': [
    { value: 'no', label: no, detail: 'claude-local stops; claude-routed goes without titles' },
    { value: 'yes', label: yes, detail: "claude-local's, and claude-routed's background work" },
    { value: 'background', label: background, detail: "claude-routed's alone; claude-local stops" },
  ],
  'local-subagents': [
    { value: 'no', label: no, detail: "claude-local stops, and so do claude-routed's subagents" },
    { value: 'yes', label: yes, detail: "claude-local's, and claude-routed's subagents" },
    { value: 'background', label: background, detail: "claude-routed's and its subagents; claude-local stops" },
  ],
  'local-first': [
    { value: 'back', label: 'no, go back to what goes where', detail: 'local first needs a yes' },
    { value: 'yes', label: yes, detail: "claude-routed's and claude-local's" },
  ],
  offline: [
    { value: 'no', label: no, detail: 'claude-local stops' },
    { value: 'yes', label: yes, detail: "claude-local's alone; claude-routed never goes there" },
  ],
};

const answerOf = { no: false, yes: true, background: 'background', back: 'back' } as const;

async function askFailover(
  { ui, earlier, questions }: Asking,
  agreed: KnownSoFar & RoutingInterviewed,
  taker: string,
): Promise<FailoverAnswers['allowed'] | 'back'> {
  const answers = whole(agreed);
  questions.begin('When the local model cannot answer, may the conversation go to the cloud?');
  ui.say(`     What you typed and the files in it would be sent to ${taker}, and that costs money there.`);
  ui.say(`     ${overflowWords(answers)} Each time is counted:  claude-routing-install usage`, 'dim');
  ui.say('     claude-offline never does it, whatever you say here.', 'dim');
  const choices = consents[profileOf(answers)];
  const before = (Object.keys(answerOf) as Consent[]).find((value) => answerOf[value] === earlier?.failover.allowed);
  const offered = choices.find(({ value }) => value === before) ?? choices[0];
  const answer = await ui.choose({
    id: 'failover',
    message: 'Failover',
    choices,
    ...(offered === undefined ? {} : { default: offered.value }),
  });
  return answerOf[answer];
}

function overflowWords(answers: Answers): string {
  return overflowGoesToCloud(answers)
    ? 'So would a conversation that is too long for the local model.'
    : 'A conversation that is merely too long is summarised instead.';
}
