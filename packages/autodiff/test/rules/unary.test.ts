import { testOps } from '@weft/test/cases/op'
import { unaryCases } from '@weft/test/cases/ops/unary'

testOps('unary', unaryCases)
