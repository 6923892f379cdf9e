import { WeftError } from '@weft/adapters'

/** Not published yet: it will be. */
export const adapterInTraining = (name: string) =>
  new WeftError('adapter_not_found', `there is no adapter "${name}" yet: it is being trained. Ask again when its job has ended (npx weft jobs).`, {
    status: 404,
    param: 'model',
    details: { name, suggestions: [] },
  })

export const baseHasNoVersions = (reference: string, name: string, param: string) =>
  new WeftError('invalid_request', `"${reference}": "${name}" is a base model, and a base model has no versions. Write "${name}" alone.`, { param })

export const routeStandsAlone = (name: string, composition: string, param: string) =>
  new WeftError('invalid_request', `"${name}" is a route, which stands alone and is no term of an expression. Write what it stands for: ${composition}`, {
    param,
    details: { route: name },
  })
