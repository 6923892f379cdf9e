import { testOps } from '@weft/test/cases/op'
import { reductionCases } from '@weft/test/cases/ops/reduction'

testOps('reduction', reductionCases)
