import { runnerPools, type WeftConfig } from '@weft/protocol'
import { runsAlready } from '../errors.ts'

/** What a runner that is started here would be told. */
interface Told {
  model?: string | undefined
  device?: string | undefined
  precision?: string | undefined
  runners?: number | undefined
}

/**
 * Where the runners of a configuration run already, with spaces between; undefined where one is to be started.
 * @throws CliError `runs_already`: what such a runner serves, and where it computes, it was told when it was started
 */
export function runningRunners(
  { runner, runners }: Pick<WeftConfig, 'runner' | 'runners'>,
  { model, device, precision, runners: count }: Told,
): string | undefined {
  if (runner?.url === undefined && runners === undefined) return undefined
  const [option] = Object.entries({ model, device, precision, runners: count }).find(([, value]) => value !== undefined) ?? []
  if (option !== undefined) throw runsAlready(`--${option}`, runners === undefined ? 'runner.url' : 'runners')
  if (runners === undefined) return runner!.url
  return Object.values(runnerPools(runners))
    .flatMap(({ urls, dns }) => urls ?? dns!)
    .join(' ')
}
