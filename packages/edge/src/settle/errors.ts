import { WeftError } from '@weft/adapters'
import type { FineTuningJob } from '@weft/protocol'

const listed = (ids: readonly string[]): string => ids.map((id) => `"${id}"`).join(', ')
const param = 'expression'

export const settleAlone = (expression: string) =>
  new WeftError(
    'settle_alone',
    `"${expression}" names fewer than two adapters that are trained, and settling teaches each to be silent on what the others are asked. Name the stack that will run, such as "a + b"; for one adapter, train it with locality.`,
    { param },
  )

export const settleAuto = (expression: string) =>
  new WeftError(
    'settle_auto',
    `"${expression}" chooses for every request what runs, and a stack is settled that runs together. Settle what it chooses from: "experts(a, b)" of the same operands.`,
    { param },
  )

export const settleVersions = (name: string, ids: readonly string[]) =>
  new WeftError(
    'settle_versions',
    `${listed(ids)} are versions of one adapter, which would learn to be silent on what it is asked itself. Name one of them: "${name}" is the newest, unless it was rolled back.`,
    { param, details: { adapters: ids } },
  )

export const settleRuns = (name: string, { id, settles, status, joint }: Pick<FineTuningJob, 'id' | 'settles' | 'status' | 'joint'>) => {
  // What is paused comes to no end by itself.
  const first = status === 'paused' ? `That job is paused: let it go on (npx weft jobs resume ${id})` : `Wait for its end (npx weft jobs watch ${id})`
  return new WeftError(
    'settle_runs',
    `"${name}" is being settled in "${settles}" by the job ${id}. Two at once would go on from the same version, and the later would have nothing of the earlier. ${first}, or give that stack up (npx weft jobs cancel ${joint}).`,
    { status: 409, param, details: { adapter: name, job: id, settles, status } },
  )
}

export const settleBasesDiffer = (bases: readonly { id: string; base: string }[]) =>
  new WeftError(
    'settle_bases_differ',
    `The adapters act on different base models (${bases.map(({ id, base }) => `"${id}" on ${base}`).join(', ')}), so they can not run together. Settle those of one base.`,
    { status: 409, param, details: { bases } },
  )

export const settleStill = (id: string, expression: string) =>
  new WeftError(
    'settle_still',
    `"${id}" has the strength 0 in "${expression}", so it would not run there, and the others need not be silent for it. Leave it out.`,
    {
      param,
      details: { adapter: id },
    },
  )

export const settleHead = (ids: readonly string[]) =>
  new WeftError(
    'settle_head',
    `${listed(ids)} ${ids.length > 1 ? 'answer by classifiers of their own' : 'answers by a classifier of its own'}, not with tokens, so silence at tokens means nothing. Settle the others without; a label that is to meet others is trained on {"prompt", "completion"} rows.`,
    { param, details: { adapters: ids } },
  )

export const settleComputed = (ids: readonly string[]) =>
  new WeftError(
    'settle_computed',
    `${listed(ids)} ${ids.length > 1 ? 'were' : 'was'} computed from pairs or a document, not learned from rows, so silence can not be learned there. Settle the others without.`,
    { param, details: { adapters: ids } },
  )

export const settleRouteVaries = (route: string, compositions: readonly string[]) =>
  new WeftError(
    'settle_route_varies',
    `The route "${route}" stands for several compositions, and one is settled at a time. Name it: ${compositions.join(', or ')}`,
    {
      param,
      details: { route, compositions },
    },
  )

export const settleShared = (id: string, tenant: string) =>
  new WeftError(
    'settle_shared',
    `"${id}" is shared by the tenant "${tenant}", and a settled version would be published under its name. Train one of your own.`,
    {
      status: 403,
      param,
    },
  )

export const settleWithoutData = (id: string) =>
  new WeftError(
    'settle_without_data',
    `The training file of "${id}" is not here any more, and it is to keep its task while it is settled. Upload the same file again, or train it anew.`,
    { status: 409, param, details: { adapter: id } },
  )

export const settleWithoutHeldOut = (id: string) =>
  new WeftError(
    'settle_without_held_out',
    `The file that "${id}" was measured on is not here any more, and it has learned every row of its training file: nothing would tell what settling costs it. Upload the same file again (npx weft files upload FILE), or train it anew.`,
    { status: 409, param, details: { adapter: id } },
  )

export const settleWithoutProbes = (id: string) =>
  new WeftError(
    'settle_without_probes',
    `"${id}" carries no probes, so the others can not learn to be silent where it speaks. Give it some, inputs as it is asked, without answers: npx weft probes ${id} --file FILE, or PUT /v1/adapters/${id}/probes.`,
    { status: 409, param, details: { adapter: id } },
  )

export const settlementOver = (id: string, verb: string) =>
  new WeftError('settlement_over', `Every job of the settlement "${id}" has ended; there is nothing to ${verb}.`, {
    status: 409,
  })

export const settlementNotPaused = (id: string) =>
  new WeftError('settlement_not_paused', `No job of the settlement "${id}" is paused; only what is paused is resumed.`, { status: 409 })
