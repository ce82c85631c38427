/** One of the 24 governorates of Tunisia: its capital, where it lies, and how many people live there. */
export interface City {
  readonly city_id: number;
  readonly city_name: string;
  readonly governorate: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly population: number;
}

const ROWS: readonly [string, string, number, number, number][] = [
  ['Tunis', 'Tunis', 36.8065, 10.1815, 1_075_000],
  ['Ariana', 'Ariana', 36.8625, 10.1956, 668_000],
  ['Ben Arous', 'Ben Arous', 36.7531, 10.2189, 722_000],
  ['Manouba', 'Manouba', 36.8081, 10.0972, 418_000],
  ['Nabeul', 'Nabeul', 36.4561, 10.7376, 863_000],
  ['Zaghouan', 'Zaghouan', 36.4029, 10.1429, 190_000],
  ['Bizerte', 'Bizerte', 37.2744, 9.8739, 599_000],
  ['Beja', 'Beja', 36.7256, 9.1817, 305_000],
  ['Jendouba', 'Jendouba', 36.5011, 8.7803, 405_000],
  ['Kef', 'Kef', 36.1742, 8.7049, 246_000],
  ['Siliana', 'Siliana', 36.0849, 9.3708, 228_000],
  ['Sousse', 'Sousse', 35.8256, 10.6369, 762_000],
  ['Monastir', 'Monastir', 35.7643, 10.8113, 605_000],
  ['Mahdia', 'Mahdia', 35.5047, 11.0622, 439_000],
  ['Sfax', 'Sfax', 34.7406, 10.7603, 1_014_000],
  ['Kairouan', 'Kairouan', 35.6781, 10.0963, 600_000],
  ['Kasserine', 'Kasserine', 35.1676, 8.8365, 463_000],
  ['Sidi Bouzid', 'Sidi Bouzid', 35.0382, 9.4858, 459_000],
  ['Gabes', 'Gabes', 33.8815, 10.0982, 401_000],
  ['Medenine', 'Medenine', 33.3549, 10.5055, 522_000],
  ['Tataouine', 'Tataouine', 32.9297, 10.4518, 152_000],
  ['Gafsa', 'Gafsa', 34.425, 8.7842, 355_000],
  ['Tozeur', 'Tozeur', 33.9197, 8.1335, 117_000],
  ['Kebili', 'Kebili', 33.7044, 8.969, 168_000],
];

export const CITIES: readonly City[] = ROWS.map(
  ([city_name, governorate, latitude, longitude, population], i) => ({
    city_id: i + 1,
    city_name,
    governorate,
    latitude,
    longitude,
    population,
  }),
);
