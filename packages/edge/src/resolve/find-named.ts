import { type AdapterRef, isWeftError, print } from '@weft/adapters'
import { type FineTuningJob, isFinal } from '@weft/protocol'
import type { AdapterVersion } from '../stores/adapter-names.ts'
import type { PrincipalStores } from '../stores/tenants/open-for-principal.ts'
import { findAdapters } from './adapter-refs.ts'
import { adapterInTraining, adapterIsRoute } from './errors.ts'
import { defaultModel } from './model-catalog.ts'
import { notAnAdapter } from './not-an-adapter.ts'

type Stores = Pick<PrincipalStores, 'names' | 'routes' | 'jobs' | 'allowed'>

/** Of the newest jobs so many are looked at for a name that is not published yet. */
const mostJobs = 100

/** `findAdapters` of what somebody wrote just now: what is not there may be a route, or be published soon. @param models names of base models */
export const findNamed = (
  stores: Stores,
  refs: readonly AdapterRef[],
  param: string,
  models: readonly string[] = [defaultModel],
): Promise<Map<string, AdapterVersion>> =>
  findAdapters(stores.names, refs, param).catch(async (error: unknown) => {
    throw (await whatElse(error, refs, { stores, models, param })) ?? error
  })

/** The same of one adapter that is asked for by itself, where no other thing can stand. */
export const findOneNamed = async (stores: Stores, ref: AdapterRef, param: string): Promise<AdapterVersion> => {
  const found = await findAdapters(stores.names, [ref], param).catch(async (error: unknown) => {
    const name = nameMissing(error)
    const route = name === undefined ? undefined : await stores.routes.get(name)
    throw (route && adapterIsRoute(route.name, route.composition, param)) ?? (name === undefined ? undefined : await inTraining(name, stores, param)) ?? error
  })
  return found.get(print(ref))!
}

/** What a name that is no adapter's is instead: a base model with a version, a route, or what a job is training. */
export async function whatElse(
  error: unknown,
  refs: readonly AdapterRef[],
  { stores, models, param }: { stores: Omit<Stores, 'names'>; models: readonly string[]; param: string },
): Promise<Error | undefined> {
  const name = nameMissing(error)
  if (name === undefined) return undefined
  const missing = refs.filter((ref) => ref.name === name)
  return (await notAnAdapter(missing, models, stores.routes, param)) ?? (await inTraining(name, stores, param))
}

const nameMissing = (error: unknown): string | undefined =>
  isWeftError(error) && error.code === 'adapter_not_found' ? String(error.details?.name).replace(/@.*$/, '') : undefined

async function inTraining(name: string, { jobs, allowed }: Pick<Stores, 'jobs' | 'allowed'>, param: string): Promise<Error | undefined> {
  if (!allowed.name(name)) return undefined
  const job = await jobTraining(name, jobs)
  return job && adapterInTraining(name, job, param)
}

/** The job that will publish an adapter of that name, if one is under way: of the latest hundred, and such as is asked for. */
export const jobTraining = async (name: string, jobs: Stores['jobs'], isAsked: (job: FineTuningJob) => boolean = () => true) =>
  (await jobs.list({ limit: mostJobs })).jobs.find((job) => job.suffix === name && !isFinal(job.status) && isAsked(job))
