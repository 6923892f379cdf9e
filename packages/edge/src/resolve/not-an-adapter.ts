import { type AdapterRef, isPinned, print } from '@weft/adapters'
import type { Routes } from '../stores/routes.ts'
import { baseHasNoVersions, routeStandsAlone } from './errors.ts'

/** Why a term that is no adapter cannot stand where it does: it names a base model's version, or a route. Undefined for any other name. */
export async function notAnAdapter(refs: readonly AdapterRef[], models: readonly string[], routes: Routes, param = 'model'): Promise<Error | undefined> {
  for (const ref of refs) {
    const { name } = ref
    if (models.includes(name) && isPinned(ref)) return baseHasNoVersions(print(ref), name, param)
    const route = await routes.get(name)
    if (route) return routeStandsAlone(name, route.composition, param)
  }
  return undefined
}
