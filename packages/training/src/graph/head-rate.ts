import type { LoadedModel } from '@weft/model'

/** Up to here a head learns as fast as what is trained with it. Of SmolLM2-135M it is 1,052, and its heads learn well at every method's rate. */
const LARGEST = 1100

/**
 * Factor on the learning rate of a head, which reads the last hidden state. AdamW moves each weight by about the rate, however small its gradient, and so a
 * logit by up to the rate times the sum of the H numbers that it reads, which are as large as the final norm makes them. Of Qwen2.5-0.5B that is 6,565 (a root mean
 * square of 7.3 in its final norm): at a rate that suits an adapter a head is thrown from one end to the other. 1 for an encoder: its last norm is one of
 * many and near 1.
 */
export const headLrScale = async ({ architecture, config, spec, weights }: LoadedModel): Promise<number> => {
  const name = architecture.finalNorm?.(config)
  if (name === undefined) return 1
  const added = architecture.startsAtZero?.(name) ? 1 : 0
  const scales = await weights.read(name)
  const sum = Math.sqrt(scales.reduce((squares, scale) => squares + (scale + added) ** 2, 0) * spec.hiddenSize)
  return Math.min(1, LARGEST / sum)
}
