import type { Training } from '../training.ts'
import { notServedByVllm } from './errors.ts'

const refuse = async (): Promise<never> => {
  throw notServedByVllm('train', 'Train with a runner of Weft, and publish the adapter that it makes.')
}

/** vLLM trains nothing: a job ends as soon as it would be given to it. */
export const vllmTraining: Training = {
  submit: refuse,
  job: async () => undefined,
  checkpoint: async () => undefined,
  result: async () => undefined,
  cancel: async () => {},
}
