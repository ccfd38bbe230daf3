/** Compute and storage of flexible servers. Source: azurerm 4.80 postgres/validate (azurerm 4.80 internal/services/postgres/validate). */
const vCoreSets: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^B_Standard_B(\d+)ms$/, [1, 2, 4, 8, 12, 16, 20]],
  [/^B_Standard_B(\d+)s$/, [2]],
  [/^GP_Standard_D(\d+)s_v3$/, [2, 4, 8, 16, 32, 48, 64]],
  [/^GP_Standard_D(\d+)ds_v4$/, [2, 4, 8, 16, 32, 48, 64]],
  [/^GP_Standard_D(\d+)(?:ds_v5|ds_v6|ads_v5)$/, [2, 4, 8, 16, 32, 48, 64, 96]],
  [/^GP_Standard_DC(\d+)ads_v5$/, [2, 4, 8, 16, 32, 48, 64, 96]],
  [/^MO_Standard_E(\d+)s_v3$/, [2, 4, 8, 16, 20, 32, 48, 64]],
  [/^MO_Standard_E(\d+)ds_v4$/, [2, 4, 6, 8, 16, 20, 32, 48, 64]],
  [/^MO_Standard_E(\d+)ds_v5$/, [2, 4, 8, 16, 20, 32, 48, 64, 96]],
  [/^MO_Standard_E(\d+)(?:ds_v6|ads_v5)$/, [2, 4, 8, 16, 32, 48, 64, 96]],
  [/^MO_Standard_EC(\d+)(?:ads|as)_v5$/, [2, 4, 8, 16, 20, 32, 48, 64, 96]],
];

/** vCores of a size, undefined for a size that does not exist. */
export function vCoresOf(sku: string): number | undefined {
  for (const [pattern, counts] of vCoreSets) {
    const found = Number(pattern.exec(sku)?.[1]);
    if (counts.includes(found)) return found;
  }
  return undefined;
}

/** B, GP or MO. */
export const tierOf = (sku: string): string => sku.split('_')[0] ?? '';

const tiers = ['P4', 'P6', 'P10', 'P15', 'P20', 'P30', 'P40', 'P50', 'P60', 'P70', 'P80'];
const range = (first: string, last: string): readonly string[] =>
  tiers.slice(tiers.indexOf(first), tiers.indexOf(last) + 1);

const sizes: { readonly [mb: number]: readonly string[] } = {
  32768: range('P4', 'P50'),
  65536: range('P6', 'P50'),
  131072: range('P10', 'P50'),
  262144: range('P15', 'P50'),
  524288: range('P20', 'P50'),
  1048576: range('P30', 'P50'),
  2097152: range('P40', 'P50'),
  4193280: ['P50'],
  4194304: ['P50'],
  8388608: range('P60', 'P80'),
  16777216: range('P70', 'P80'),
  33553408: ['P80'],
};

/** Performance tiers that a storage size allows, its default first; undefined for a size outside the table. */
export const storageTiersOf = (mb: number): readonly string[] | undefined => sizes[mb];
