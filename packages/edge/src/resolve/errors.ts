import { WeftError } from '@weft/adapters'
import { someDetails, someOf } from '@weft/adapters/error-text'
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

/** Whoever asks for a route wrote none of the names that it stands for. */
export const namedByRoute = (route: string, composition: string, missing: WeftError) =>
  Object.assign(missing, { message: `The route "${route}" stands for ${composition}: ${missing.message}` })

export const baseHasNoVersions = (reference: string, name: string, param: string) =>
  new WeftError('invalid_request', `"${reference}": "${name}" is a base model, and a base model has no versions. Write "${name}" alone.`, { param })

export const routeStandsAlone = (name: string, composition: string, param: string) =>
  new WeftError('invalid_request', `"${name}" is a route, which stands alone and is no term of an expression. Write what it stands for: ${composition}`, {
    param,
    details: { route: name },
  })

export const nameOfModel = (name: string, param: string) =>
  new WeftError('name_taken', `"${name}" is a base model, which an expression of that name would mean: name it otherwise.`, { status: 409, param })

export const twinNotText = (written: string) =>
  new WeftError(
    'twin_not_text',
    `twin: "${written.slice(0, 80)}" is an expression of more than a base model and texts. A twin stands in where no composition can run: write a text, in quotes where it would be read as a name.`,
    { param: 'twin' },
  )

export const twinTakesText = () =>
  new WeftError('twin_takes_text', "The route's twin is a text before the prompt, and this prompt is tokens already. Send it as a text.", {
    status: 422,
    param: 'prompt',
  })

export const noTwin = (name: string) => new WeftError('no_twin', `The route "${name}" has no twin.`, { status: 500 })

export const twinCannot = (what: string) => new WeftError('no_twin', `A text cannot stand in for a composition that is to ${what}.`, { status: 500 })

export const noShadow = (name: string) => new WeftError('no_shadow', `The route "${name}" has no shadow.`, { status: 500 })

export const routeVersionNotFound = (name: string, version: number | undefined, known: readonly number[]) =>
  new WeftError(
    'route_version_not_found',
    version === undefined
      ? `The route "${name}" has no version before its newest, so there is nothing to go back to.`
      : `The route "${name}" has no version ${version}; it has ${someOf(known) || 'none'}.`,
    { status: 404, param: 'version', details: someDetails('versions', known) },
  )
