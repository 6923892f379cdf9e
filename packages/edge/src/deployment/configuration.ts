import type { WeftError } from '@weft/adapters'
import { defineConfig, type WeftConfig } from '@weft/protocol'
import { configurationRefused } from './errors.ts'

/** What the deployment's file exports, which may never have met `defineConfig`: a plain object is checked as that does. */
export function checkedConfiguration(config: WeftConfig): WeftConfig {
  try {
    return defineConfig(config)
  } catch (error) {
    throw configurationRefused(error as WeftError)
  }
}
