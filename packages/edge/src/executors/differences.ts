import type { Difference, ExecutorKind } from '@weft/protocol'

/** What a job that is trained elsewhere has not, or has otherwise, beside one that a runner of Weft trains. Said in every answer, and in docs/operating/training-elsewhere.md. */
const everywhere: readonly Difference[] = [
  { what: 'resume', message: 'There are no checkpoints: a trainer that is lost starts again from the first step, and a job cannot be paused.' },
  {
    what: 'bytes',
    message: 'The same seed does not give the same bytes: PyTorch draws other numbers, batches come in another order, and sums are rounded in another.',
  },
  { what: 'locality', message: 'No KL-to-base, no partners, no frozen context, no warm start and no settling: PEFT has none of them.' },
  { what: 'integers', message: 'Frozen layers are multiplied in float32 or, on GPUs, as PyTorch holds them; never in int8.' },
  {
    what: 'head',
    message:
      "A classifier's head learns at the job's rate, also where the base's hidden states are so large that a runner's takes smaller steps: on such a base, lower learning_rate.",
  },
  { what: 'probe', message: 'The verdict of a classifier has no linear probe of the bare base beside it.' },
]

const ofKind: Readonly<Record<ExecutorKind, readonly Difference[]>> = {
  local: [],
  ray: [{ what: 'privacy', message: "The training file travels to the cluster, and the job's token stands in its environment, which Ray's dashboard shows." }],
  kubeflow: [{ what: 'privacy', message: 'The training file travels to the cluster.' }],
}

export const differencesOf = (kind: ExecutorKind): Difference[] => [...everywhere, ...ofKind[kind]]
