import { type FloatTensor, floatTensor, type ModelSpec, type SiteState, type TaskType } from '@weft/adapters'
import { peftNotExportable } from '../errors.ts'

/** Hugging Face's classifier for a task: its module, whether it has a bias, whether a dense layer stands before it, and that one's name where it is no part of the module. */
export const classifierOf = ({ classifier }: ModelSpec, task: TaskType): { module: string; bias: boolean; dense: boolean; denseModule?: string | undefined } =>
  task === 'TOKEN_CLS' ? { module: classifier.tokens ?? classifier.module, bias: true, dense: false } : classifier

/** Whether PEFT saves a classifier for this task. */
export const hasClassifier = (task: TaskType): boolean => task === 'SEQ_CLS' || task === 'TOKEN_CLS'

/** The head in a checkpoint: a linear layer (`base_model.score.weight`), or a dense one and a projection. Methods that wrap layers save it one level deeper. */
export function headFrom(tensors: Readonly<Record<string, FloatTensor>>, model: ModelSpec, task: TaskType): SiteState | undefined {
  const { module: own, denseModule } = classifierOf(model, task)
  for (const module of new Set([own, 'score', 'classifier'])) {
    for (const prefix of ['base_model.model', 'base_model']) {
      const at = `${prefix}.${module}`
      const within = tensors[`${at}.dense.weight`] !== undefined
      const last = within ? `${at}.out_proj` : at
      const dense = within ? `${at}.dense` : denseModule && `${prefix}.${denseModule}`
      const found = {
        weight: tensors[`${last}.weight`],
        bias: tensors[`${last}.bias`],
        ...(dense && { 'dense.weight': tensors[`${dense}.weight`], 'dense.bias': tensors[`${dense}.bias`] }),
      }
      if (found.weight) return Object.fromEntries(Object.entries(found).filter(([, tensor]) => tensor))
    }
  }
  return undefined
}

/** What to do instead: there is no setting for it, since a bias that is left out makes other scores. */
const trainedWithBias = '. Training always gives it one; what learns rows of {"prompt", "completion"} has no head, is exported, and classifies among "choices"'

/**
 * The head as PEFT saves it. `prefix` is what the method puts before a module's name.
 * @throws 422 `peft_not_exportable` where Hugging Face's classifier of this family is of another form
 */
export function headTo(head: SiteState, model: ModelSpec, task: TaskType, method: string, prefix = 'base_model'): Record<string, FloatTensor> {
  const { module, bias, dense, denseModule } = classifierOf(model, task)
  const of = head as Record<string, FloatTensor>
  const other = (why: string, instead = '') =>
    peftNotExportable(method, `its classifier ${why} of Hugging Face's ${model.architecture} models for ${task}${instead}`)
  if (!bias && of.bias?.data.some((value) => value !== 0)) throw other(`has a bias, unlike \`${module}\``, trainedWithBias)
  if (dense && !of['dense.weight']) throw other(`is one layer, unlike \`${module}\``)
  if (!dense && of['dense.weight']) throw other(`has a dense layer, unlike \`${module}\``)
  const at = `${prefix}.${module}`
  const last = dense && !denseModule ? `${at}.out_proj` : at
  const before = denseModule ? `${prefix}.${denseModule}` : `${at}.dense`
  return {
    [`${last}.weight`]: of.weight,
    ...(bias && { [`${last}.bias`]: of.bias ?? floatTensor([of.weight.shape[0]]) }),
    ...(dense && { [`${before}.weight`]: of['dense.weight'], [`${before}.bias`]: of['dense.bias'] }),
  }
}
