import { type AdapterRef, isPinned, latest, print } from '@weft/adapters'
import { type BatchObject, compositionsOf } from '@weft/protocol'
import { adapterId } from '../adapters/adapter-object.ts'
import { refsOf } from '../collect/uses.ts'
import { defaultModel } from '../resolve/model-catalog.ts'
import type { AdapterNames, AdapterVersion } from '../stores/adapter-names.ts'
import type { BatchPins } from '../stores/batches.ts'
import type { Routes } from '../stores/routes.ts'
import type { PrincipalStores } from '../stores/tenants/open-for-principal.ts'

/** `name@latest` and `name` are one. */
const keyOf = (ref: AdapterRef): string => (ref.alias === latest ? ref.name : print(ref))

/**
 * The names in `model` fields, without what is written around them: each may have thousands of characters of text, and a thousand of them are more than a row
 * of a database holds. A text alone names what it is put before.
 */
export const namesIn = (models: readonly string[]): string[] => {
  const names = new Set(models.flatMap((model) => refsOf(model).map(print)))
  return names.size > 0 || models.length === 0 ? [...names] : [defaultModel]
}

/** What the `model` fields of a batch's requests stand for now. What stands for nothing is left out: its requests are refused as they are asked. */
export async function pinNames({ names, beneathRoutes, routes }: PrincipalStores, models: readonly string[]): Promise<BatchPins> {
  const pins: BatchPins = { adapters: {}, routes: {} }
  const pin = async (from: AdapterNames, expressions: readonly string[]): Promise<void> => {
    const refs = [...new Map(expressions.flatMap(refsOf).map((ref) => [keyOf(ref), ref])).values()]
    const found = refs.length > 0 ? await from.findAll(refs) : []
    for (const [at, ref] of refs.entries()) {
      const adapter = found[at]
      if (adapter) pins.adapters[keyOf(ref)] = { id: adapterId(adapter), digest: adapter.digest }
    }
  }
  const expressions: string[] = []
  for (const model of models) {
    const route = await routes.get(model.trim())
    if (!route) expressions.push(model)
    else {
      const { name, version, composition, variants, twin, defaults } = route
      pins.routes[name] = { version, composition, ...(variants && { variants }), ...(twin !== undefined && { twin }), ...(defaults && { defaults }) }
      await pin(
        beneathRoutes,
        compositionsOf({ composition, variants }).map((each) => each.composition),
      )
    }
  }
  await pin(names, expressions)
  return pins
}

/** What is pinned under a name, which may be that of a member that every object has. */
const pinOf = <P>(pins: Readonly<Record<string, P>>, name: string): P | undefined => (Object.hasOwn(pins, name) ? pins[name] : undefined)

/** What of a batch's names does not say itself what it stands for, with what that is. */
export const referencesOf = ({ adapters, routes }: BatchPins): NonNullable<BatchObject['references']> =>
  [
    ...Object.entries(routes).map(([reference, { version }]) => ({ reference, standsFor: version ? `${reference}@${version}` : reference })),
    ...Object.entries(adapters).map(([reference, { id }]) => ({ reference, standsFor: id })),
  ].filter(({ reference, standsFor }) => reference !== standsFor)

/** The same stores, in which names and aliases stand for what is pinned, and routes are what they were. Policies and shadows of routes are those of now. */
export const pinnedStores = (stores: PrincipalStores, pins: BatchPins): PrincipalStores => ({
  ...stores,
  names: pinnedNames(stores.names, pins),
  beneathRoutes: pinnedNames(stores.beneathRoutes, pins),
  routes: pinnedRoutes(stores.routes, pins),
})

function pinnedNames(names: AdapterNames, { adapters }: BatchPins): AdapterNames {
  const findAll: AdapterNames['findAll'] = async (references) => {
    const pinned = references.map((ref) => (isPinned(ref) && ref.alias === undefined ? undefined : pinOf(adapters, keyOf(ref))))
    const found = await names.findAll(references.map((ref, at) => (pinned[at] ? { kind: 'adapter', name: ref.name, version: versionOf(pinned[at].id) } : ref)))
    return Promise.all(
      found.map(async (adapter, at): Promise<AdapterVersion | undefined> => {
        const digest = pinned[at]?.digest
        // A number may mean another file: where a name of one's own has come to cover a shared one.
        return digest === undefined || adapter?.digest === digest ? adapter : names.findByDigest(digest, references[at]!.name)
      }),
    )
  }
  return {
    ...names,
    findAll,
    find: async (name, version) => (version === undefined ? (await findAll([{ kind: 'adapter', name }]))[0] : names.find(name, version)),
  }
}

const versionOf = (id: string): number => Number(id.slice(id.lastIndexOf('@') + 1))

const pinnedRoutes = (routes: Routes, pins: BatchPins): Routes => ({
  ...routes,
  async get(name) {
    const now = await routes.get(name)
    const then = pinOf(pins.routes, name)
    if (!now || !then) return now
    const { variants: _, twin: __, defaults: ___, ...rest } = now
    return { ...rest, ...then }
  },
})
