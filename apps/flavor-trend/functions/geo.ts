import { defineFunction } from 'millrace/app';
import { distanceKm } from '../reference/geo.ts';

/** FT-052: kilometres between two places as the crow flies; NULL where one is not known. */
export const greatCircleKm = defineFunction({
  arguments: ['DOUBLE', 'DOUBLE', 'DOUBLE', 'DOUBLE'],
  returns: 'DOUBLE',
  call: (...coordinates: readonly (number | null)[]) => {
    const [fromLatitude, fromLongitude, toLatitude, toLongitude] = coordinates.map(c => c ?? Number.NaN);
    const from = { latitude: fromLatitude!, longitude: fromLongitude! };
    const km = distanceKm(from, { latitude: toLatitude!, longitude: toLongitude! });
    return Number.isNaN(km) ? null : km;
  },
});
