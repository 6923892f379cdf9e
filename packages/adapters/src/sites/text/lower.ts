import type { SiteLowering } from '../../hooks/lowering.ts'
import { inputs } from './inputs.ts'

export const lowering: SiteLowering = { inputs }
