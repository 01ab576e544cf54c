import { LOCAL_ONLY, mainModel } from '../../components/gateway/models.ts';
import type { Answers } from '../../config/schema.ts';
import { deploymentIdOf } from '../deployment-id.ts';
import { brief } from '../question.ts';
import type { DrillCase } from './drill-case.ts';

/**
 * That what names a file of a sealed folder is answered at home, whatever it asks for. The file is made up and is not there:
 * where the promise does not hold, nothing of anybody's was sent. It is of no session, so none is sealed by it.
 */
export function sealedCases(answers: Answers): readonly DrillCase[] {
  return answers.routing.sealed.map((folder, index) => {
    const asked = brief(mainModel(answers));
    const messages = [{ role: 'user', content: `Say: ready. Do not read ${folder}/canary-of-a-drill.txt` }];
    return {
      part: 'gateway',
      key: 'ours',
      id: `sealed-${index}`,
      title: `sealed folder ${index + 1}`,
      promised: { kind: 'answer', by: deploymentIdOf(answers, LOCAL_ONLY) },
      request: { ...asked, body: { ...asked.body, messages } },
      needs: 'strict',
    };
  });
}
