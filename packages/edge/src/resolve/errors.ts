import { WeftError } from '@weft/adapters'
import type { FineTuningJob } from '@weft/protocol'

/** Not published yet: it will be. Of a job that waits, or is paused, too: `details.job` is which. */
export const adapterInTraining = (name: string, { id, status }: Pick<FineTuningJob, 'id' | 'status'>, param: string) =>
  new WeftError(
    'adapter_not_found',
    status === 'paused'
      ? `there is no adapter "${name}" yet: its job ${id} is paused. Let it go on (npx weft jobs resume ${id}), and ask again when it has ended.`
      : `there is no adapter "${name}" yet: it is being trained by the job ${id} (${status}). Ask again when that has ended: npx weft jobs watch ${id} waits for it.`,
    { status: 404, param, details: { name, suggestions: [], job: id } },
  )

export const adapterIsRoute = (name: string, composition: string, param: string) =>
  new WeftError('adapter_not_found', `there is no adapter "${name}": that is a route, and stands for ${composition}`, {
    status: 404,
    param,
    details: { name, suggestions: [], route: name },
  })

export const baseHasNoVersions = (reference: string, name: string, param: string) =>
  new WeftError('invalid_request', `"${reference}": "${name}" is a base model, and a base model has no versions. Write "${name}" alone.`, { param })

export const routeStandsAlone = (name: string, composition: string, param: string) =>
  new WeftError('invalid_request', `"${name}" is a route, which stands alone and is no term of an expression. Write what it stands for: ${composition}`, {
    param,
    details: { route: name },
  })

export const nameOfModel = (name: string, param: string) =>
  new WeftError('name_taken', `"${name}" is a base model, which an expression of that name would mean: name it otherwise.`, { status: 409, param })
