import { dirname, resolve } from 'node:path'
import { type AdapterRef, adapterRefs, isPinned, latest, parse, print, readAdapter, splitModel } from '@weft/adapters'
import type { Interference, Probe } from '@weft/bench/interfere/interfere'
import type { WeftClient } from '@weft/client'
import type { Plugin } from '@weft/methods'
import type { LoadedModel } from '@weft/model'
import { type Probe as CarriedProbe, compositionsOf, publishRules, type RouteObject } from '@weft/protocol'
import { baseOf } from '../../base-model.ts'
import { readConfiguration } from '../../configuration.ts'
import { CliError, interferes } from '../../errors.ts'
import { carriedProbes } from '../../input/carried-probes.ts'
import { modelNames, onOneBase } from '../../input/compositions/on-one-base.ts'
import { versionsIn } from '../../input/compositions/one-version-each.ts'
import { inputText } from '../../input/input-file.ts'
import { probesOf } from '../../input/probes.ts'

/** Verdicts, the best first. */
const verdicts = ['keeps', 'uncertain', 'loses'] as const

interface Candidate {
  name: string
  file: Uint8Array
  /** What it will carry; what its name stands for now carries, when absent. */
  probes?: readonly CarriedProbe[] | undefined
}

interface Measuring {
  routes: readonly RouteObject[]
  /** Names that a route's composition may begin with; `base` when absent. */
  models?: readonly string[]
  model: LoadedModel
  /** The configuration's: whatever made an adapter of a route is among them. */
  plugins: readonly Plugin[]
  /** Inputs to try everything with; when absent, each adapter is tried with what it carries. */
  probes?: Probe[]
  /** What an adapter carries; `undefined` of none. */
  carried?(ref: AdapterRef): ReturnType<Parameters<typeof carriedProbes>[1]>
  /** The file of an adapter that a route names beside the candidate. */
  download(reference: string): Promise<Uint8Array>
}

/** Whether a reference will stand for the candidate once it is published: a version that is named does not. */
const meansIt = (ref: AdapterRef, name: string): boolean => ref.name === name && (!isPinned(ref) || ref.alias === latest)

/** What runs of a route's composition where all of it does: what `auto(…)` chooses among answers side by side when several are chosen. */
function whole(composition: string, models: readonly string[]): string {
  const asked = onOneBase(composition, models)
  const { rest } = splitModel(parse(asked), ['base'], 'base')
  return rest?.kind === 'auto' ? print({ ...rest, kind: 'experts' }) : asked
}

/** How much a file that is not published yet and its neighbours disturb each other, in every composition of a route that its name stands in. */
export async function interferenceInRoutes(
  { name, file }: Candidate,
  { routes, models = ['base'], model, plugins, probes, carried = () => undefined, download }: Measuring,
) {
  const { ModelSession } = await import('@weft/session')
  const { interfere } = await import('@weft/bench/interfere/interfere')
  const { inputsCarried } = await import('@weft/bench/interfere/carried')
  const reports: { route: string; report: Awaited<ReturnType<typeof interfere>> }[] = []
  for (const route of routes)
    for (const { composition: written } of compositionsOf(route)) {
      const composition = whole(written, models)
      const refs = adapterRefs(parse(composition)).filter((ref) => ref.name !== 'base')
      if (!refs.some((ref) => meansIt(ref, name)) || new Set(refs.map(print)).size < 2) continue
      // A session holds adapters by name: of two versions, both would be measured as one.
      versionsIn(composition)
      const inputs: Record<string, Probe[]> = probes ? { '': probes } : {}
      if (!probes)
        for (const [of, each] of await carriedProbes(refs, carried, '--probes FILE, or publish.interference.probes')) inputs[of] = inputsCarried(each, model)
      // One session a composition: in another, a name may stand for another version.
      await using session = new ModelSession(model, { plugins })
      for (const ref of refs) await session.add(ref.name, meansIt(ref, name) ? file : await download(print(ref)))
      reports.push({ route: route.name, report: await interfere(session, composition, { probes: inputs }) })
    }
  return reports
}

/**
 * The gate's step that only a machine with the base model can take: error `interferes` when the file disturbs a route, or is disturbed there, more than the configuration's
 * `publish[].interference` takes. Nothing is published by then.
 */
export async function checkInterference(
  weft: WeftClient,
  candidate: Candidate,
  { config: file, state, note }: { config: string; state?: string | undefined; note: (text: string) => void },
): Promise<void> {
  const configuration = await readConfiguration(file)
  const rules = publishRules(configuration.publish, candidate.name).flatMap(({ interference }) => interference ?? [])
  if (rules.length === 0) throw new CliError('usage', `--gate: ${file} has no publish.interference for "${candidate.name}", so there is nothing to measure.`, 2)
  const { manifest } = await readAdapter(candidate.file)
  const routes = await weft.routes.list()
  const unserved = Object.keys(configuration.routes ?? {}).filter((name) => !routes.some((route) => route.name === name))
  if (unserved.length > 0)
    note(`Routes of ${file} that the server has not read are not measured: ${unserved.join(', ')}. Start it again, or add them: npx weft routes put.`)
  note(`Loading the base model "${manifest.base.name}" …`)
  const model = await baseOf(manifest.base, configuration, file, { state })
  const models = await modelNames(weft)
  const own = candidate.probes ?? (await probesBefore(weft, candidate.name))
  for (const { probes, worst = 'uncertain' } of rules) {
    const given = probes === undefined ? {} : { probes: probesOf(inputText(resolve(dirname(resolve(file)), probes), 'a file of inputs')) }
    const reports = await interferenceInRoutes(candidate, {
      ...given,
      routes,
      models,
      model,
      plugins: configuration.plugins,
      carried: (ref) => (meansIt(ref, candidate.name) ? own : weft.adapters.probes(print(ref))),
      download: (reference) => weft.adapters.download(reference),
    })
    if (reports.length === 0) note(`No route names "${candidate.name}" beside another adapter, so there is nothing that it could disturb.`)
    for (const { route, report } of reports) {
      note(`${route}: ${report.expression}: ${report.verdict}`)
      const isWorse = ({ verdict }: { verdict: (typeof verdicts)[number] }): boolean => verdicts.indexOf(verdict) > verdicts.indexOf(worst)
      if (isWorse(report)) throw interferes(candidate.name, route, report.verdict, worst, report.adapters.filter(isWorse).map(faring))
    }
  }
}

/** `tone/calm loses (should keep 0.31 of what it gains, KL 0.730 nats)` */
const faring = ({ adapter, verdict, divergence, kept, labels }: Interference): string =>
  `${adapter} ${verdict === 'uncertain' ? 'is uncertain' : verdict} (should keep ${kept.toFixed(2)} of what it gains, KL ${divergence.toFixed(3)} nats${labels ? `, labels moved ${labels.shift.toFixed(2)}` : ''})`

/** What an earlier version carries that the name stands for: the next one is asked the same. */
const probesBefore = async (weft: WeftClient, name: string): Promise<CarriedProbe[] | undefined> => {
  try {
    return await weft.adapters.probes(name)
  } catch (error) {
    if (['probes_not_found', 'adapter_not_found'].includes(String((error as { code?: unknown }).code))) return undefined
    throw error
  }
}
