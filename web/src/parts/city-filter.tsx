import { useMemo } from 'react';
import { useView } from '../live/live-context.tsx';
import { setParam, useParam } from '../router/router.ts';
import { citiesOf } from '../shaping/values.ts';
import { Choice } from './choice.tsx';

/** The page-wide city filter; it lives in the address, its cities come from the data. */
export function CityFilter() {
  const city = useParam('city');
  const minutes = useView('orders_per_minute').rows;
  const orders = useView('live_orders').rows;
  const cities = useMemo(() => citiesOf(minutes, orders), [minutes, orders]);
  return (
    <Choice
      label="City"
      all="All cities"
      value={city}
      options={cities}
      onChange={chosen => setParam('city', chosen)}
    />
  );
}
