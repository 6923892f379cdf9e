import { combineOutputs, type OutputCombination } from '@weft/inference/sampling/combine-outputs'
import { OperandWeights } from '@weft/inference/sampling/operand-weights'
import type { GraphEngine, TokenBatch } from '@weft/training'
import type { FrozenContext } from '@weft/training/regularize/frozen-context'

/** What is asked: a composition inside the model, or several (the base first, where the operator asks it) whose answers are combined. */
export interface AskedComposition {
  contexts: readonly FrozenContext[]
  combination?: OutputCombination
}

/** Logits of a batch's loss rows `[M, V]`, combined row by row where several are asked. Valid until the engine's next run where one is. */
export async function askedLogits(
  engine: GraphEngine,
  { contexts, combination }: AskedComposition,
  batch: TokenBatch,
  vocabSize: number,
): Promise<Float32Array> {
  if (!combination) return (await engine.logits({ ...batch, context: contexts[0]! })).data
  const answers: Float32Array[] = []
  for (const context of contexts) answers.push((await engine.logits({ ...batch, context })).data.slice())
  const combined = new Float32Array(answers[0]!.length)
  let i = 0
  for (const { tokens, targets = tokens, weights: learned } of batch.rows) {
    // A row's learned tokens are one answer.
    const weights = new OperandWeights(combination.operands)
    for (const token of targets.filter((_, t) => learned[t]! > 0)) {
      const at = [i * vocabSize, (i + 1) * vocabSize] as const
      const said = answers.map((answer) => answer.subarray(...at))
      combineOutputs(combination, said, combined.subarray(...at), weights)
      weights.wrote(token)
      i++
    }
  }
  return combined
}
