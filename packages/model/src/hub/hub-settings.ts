import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { hubTokenMalformed } from './errors.ts'

/** How the hub is asked. */
export interface HubSettings {
  /** Without a slash at its end. */
  endpoint: string
  accessToken?: string
  /** Whether it is not to be asked at all. */
  offline: boolean
}

/**
 * What was given, else what the environment says as huggingface_hub reads it (its constants.py): `HF_ENDPOINT`, `HF_TOKEN`, `HF_HUB_OFFLINE`, and the token that
 * `hf auth login` stored, in `HF_TOKEN_PATH` or `HF_HOME`, unless `HF_HUB_DISABLE_IMPLICIT_TOKEN` is set. @throws ModelError `hub_token_malformed`
 */
export function hubSettings(given: { endpoint?: string | undefined; accessToken?: string | undefined }, env: NodeJS.ProcessEnv = process.env): HubSettings {
  const said = (given.accessToken ?? env.HF_TOKEN)?.trim() || undefined
  if (said !== undefined && !isToken(said)) throw hubTokenMalformed()
  const accessToken = said ?? (isOn(env.HF_HUB_DISABLE_IMPLICIT_TOKEN) ? undefined : storedToken(env))
  return {
    endpoint: (given.endpoint || env.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, ''),
    ...(accessToken !== undefined && { accessToken }),
    offline: isOn(env.HF_HUB_OFFLINE),
  }
}

const isOn = (value: string | undefined): boolean => ['1', 'on', 'yes', 'true'].includes(value?.toLowerCase() ?? '')

/** The hub's client takes no other. */
const isToken = (text: string): boolean => text.startsWith('hf_')

/** One that is no token of the hub is nobody's word for this request, and is not sent. */
function storedToken(env: NodeJS.ProcessEnv): string | undefined {
  const home = env.HF_HOME || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface')
  try {
    const token = readFileSync(env.HF_TOKEN_PATH || join(home, 'token'), 'utf8').trim()
    return isToken(token) ? token : undefined
  } catch {
    return undefined
  }
}
