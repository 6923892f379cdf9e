import type { GenerateRequest } from '@weft/protocol'
import { tokenOutOfRange } from '../errors.ts'
import type { RowRequest } from './row.ts'

type Asked = Pick<
  GenerateRequest,
  'temperature' | 'topK' | 'topP' | 'minP' | 'logprobs' | 'presencePenalty' | 'frequencyPenalty' | 'repetitionPenalty' | 'logitBias'
>

/** What a request says of choosing tokens, as a row takes it. Null and absent fields are neutral. @throws WeftError `token_out_of_range` */
export function rowSampling(
  { temperature, topK, topP, minP, logprobs, presencePenalty, frequencyPenalty, repetitionPenalty, logitBias }: Asked,
  vocabSize: number,
): Pick<RowRequest, 'sampling' | 'adjustments'> {
  const biases = Object.entries(logitBias ?? {}).map(([token, bias]): [number, number] => [Number(token), bias])
  const wrong = biases.find(([token]) => token >= vocabSize)
  if (wrong) throw tokenOutOfRange(wrong[0], vocabSize, 'logit_bias')
  return {
    sampling: { temperature, topK, topP, minP: minP ?? 0, ...(logprobs === undefined ? {} : { logprobs }) },
    adjustments: {
      presencePenalty: presencePenalty ?? 0,
      frequencyPenalty: frequencyPenalty ?? 0,
      repetitionPenalty: repetitionPenalty ?? 1,
      logitBias: new Map(biases),
    },
  }
}
