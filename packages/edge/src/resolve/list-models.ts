import { adapterRefs, isOfAnyBase, isOfBase, latest, parse, splitModel, type TaskType } from '@weft/adapters'
import type { HeldModel, ModelObject, RouteObject } from '@weft/protocol'
import { adapterId } from '../adapters/adapter-object.ts'
import type { AdapterAlias } from '../stores/adapter-aliases.ts'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { PrincipalStores } from '../stores/tenants/open-for-principal.ts'
import { defaultModel, type ModelCatalog } from './model-catalog.ts'

const object = (id: string, created: number, rest: Partial<ModelObject>): ModelObject => ({ id, object: 'model', created, ownedBy: 'weft', ...rest })

/**
 * Everything that a `model` field may name: base models, routes, and adapters, under their names, their aliases and each version. Without a
 * runner, what the stores know.
 */
export async function listModels(catalog: ModelCatalog, { routes, names, aliases, allowed }: PrincipalStores): Promise<ModelObject[]> {
  const held = await catalog.list().catch(() => [])
  const [adapters, named, bases] = await Promise.all([names.list(), aliases.list(), catalog.names()])
  return [
    ...baseModels(held).filter(({ id }) => allowed.model(id)),
    ...(await routes.list()).map((route) => routeModel(route, { held, bases, adapters })),
    ...adapterModels(adapters, named, held),
  ]
}

function baseModels(held: readonly HeldModel[]): ModelObject[] {
  const of = (id: string, model: HeldModel | undefined) =>
    object(id, 0, { kind: 'base', ...(model && { base: model.name, ...(model.spec.tasks[0] && { task: model.spec.tasks[0] }) }) })
  const named = held.filter(({ name }) => name !== defaultModel)
  return [of(defaultModel, held.find(({ name }) => name === defaultModel) ?? held[0]), ...named.map((model) => of(model.name, model))]
}

/** Each version under every id that it has: the bare name where it stands for this one, its aliases, and its number. */
function adapterModels(adapters: readonly AdapterVersion[], named: readonly AdapterAlias[], held: readonly HeldModel[]): ModelObject[] {
  const aliasesOf = Map.groupBy(named, adapterId)
  return adapters.flatMap((adapter) => {
    const { name, createdAt, manifest } = adapter
    const { available, ...rest } = {
      kind: 'adapter' as const,
      ...(isOfAnyBase(manifest) ? {} : { base: manifest.base.name }),
      task: manifest.task,
      available: isAvailable(adapter, held),
    }
    const fields = available ? rest : { ...rest, available }
    const id = adapterId(adapter)
    const others = (aliasesOf.get(id) ?? []).map(({ alias }) => object(alias === latest ? name : `${name}@${alias}`, createdAt, { ...fields, adapter: id }))
    return [...others, object(id, createdAt, fields)]
  })
}

/** As far as can be told: without a runner, every base model may yet be held. */
const isAvailable = ({ manifest }: AdapterVersion, held: readonly HeldModel[]): boolean => held.length === 0 || held.some((model) => isOfBase(manifest, model))

function routeModel(
  { name, composition, updatedAt }: RouteObject,
  { held, bases, adapters }: { held: readonly HeldModel[]; bases: readonly string[]; adapters: readonly AdapterVersion[] },
): ModelObject {
  const split = splitModel(parse(composition), bases, defaultModel)
  const base = held.find((model) => model.name === split.model) ?? (split.model === defaultModel ? held[0] : undefined)
  const composed = split.rest ? adapterRefs(split.rest).map((ref) => adapters.find((adapter) => adapter.name === ref.name)?.manifest.task) : []
  const task = composed.find(classifies) ?? base?.spec.tasks[0]
  return object(name, updatedAt, { kind: 'route', composition, ...(base && { base: base.name }), ...(task && { task }) })
}

/** Whether what is trained for this labels texts. */
export const classifies = (task: TaskType | undefined): boolean => task === 'SEQ_CLS' || task === 'TOKEN_CLS'
