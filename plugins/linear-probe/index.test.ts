import { pluginCases } from '@weft/test/cases/plugin'
import linearProbe from './index.ts'

pluginCases(linearProbe, { configs: { plain: { config: {}, parameters: 0 } }, tasks: ['SEQ_CLS'] })
