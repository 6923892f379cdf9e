import { resolve } from 'node:path'
import type { LoadedModel } from '@weft/model'
import type { WeftConfig } from '@weft/protocol'
import { firstModel, namedModel } from './configuration.ts'
import { baseNotFound } from './errors.ts'
import { findState } from './launcher/local-key.ts'
import { runningOn } from './launcher/state-folder.ts'

/** A base model, and what an adapter's manifest calls it: its name in the configuration, or what it was asked for by. */
export interface NamedModel {
  name: string
  model: LoadedModel
}

/** The base model that was named, or the configuration's first. */
const baseModel = async (config: WeftConfig, file: string, named?: string): Promise<NamedModel> => {
  const { loadModel } = await import('@weft/model')
  return { name: named ?? Object.keys(config.models)[0], model: await loadModel(named ?? firstModel(config, resolve(file))) }
}

/** The base model that an adapter is brought in for: the one that was named; else what the weft serves that is asked and runs on the state folder; else the configuration's first. */
export const baseToBe = async (
  config: WeftConfig,
  file: string,
  { model: named, state, url }: { model?: string | undefined; state?: string | undefined; url: string },
): Promise<NamedModel> => {
  const running = runningOn(findState(state))
  if (named !== undefined || running.model === undefined || running.url !== url) return baseModel(config, file, named)
  const { loadModel } = await import('@weft/model')
  return { name: Object.keys(config.models)[0], model: await loadModel(running.model) }
}

/**
 * The base model an adapter was made on: the one that was named; else what the weft that runs on the state folder serves; else
 * the configuration's first; else what its manifest calls it.
 * @throws CliError `base_not_found`
 */
export const baseOf = async (
  made: { name: string; fingerprint: string },
  config: WeftConfig,
  file: string,
  { model: named, state }: { model?: string | undefined; state?: string | undefined } = {},
): Promise<LoadedModel> => {
  const { loadModel } = await import('@weft/model')
  const running = runningOn(findState(state)).model
  if (named === undefined && running !== undefined) {
    const served = await loadModel(running).catch(() => undefined)
    if (served?.fingerprint === made.fingerprint) return served
  }
  const { model } = await baseModel(config, file, named)
  if (named !== undefined || model.fingerprint === made.fingerprint) return model
  const other = await loadModel(namedModel(config, resolve(file), made.name) ?? made.name).catch(() => undefined)
  if (other?.fingerprint !== made.fingerprint) throw baseNotFound(made.name)
  return other
}
