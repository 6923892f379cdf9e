import { type TaskType, WeftError } from '@weft/adapters'

/** @param tasks of the base model: some models have no classifier, others no next tokens that choices could be told apart by */
export const noClassifier = (expression: string, tasks: readonly TaskType[]) => {
  const rows = [...(tasks.includes('SEQ_CLS') ? ['{text, label}'] : []), ...(tasks.includes('TOKEN_CLS') ? ['{tokens, labels}'] : [])]
  const choices = tasks.includes('CAUSAL_LM') || tasks.includes('SEQ_2_SEQ_LM')
  const ways = [...(rows.length > 0 ? [`use an adapter of ${rows.join(' or ')} rows`] : []), ...(choices ? ['give "choices"'] : [])]
  return new WeftError('no_classifier', `"${expression}" has no classifier head. On this base model, ${ways.join(', or ')}.`, { param: 'model' })
}
