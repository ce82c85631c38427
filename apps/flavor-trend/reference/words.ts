/** Pools from which names and texts are put together. */
export const GIVEN_NAMES = (
  'Amine Yasmine Mohamed Fatma Ahmed Ines Youssef Mariem Karim Salma Nizar Rania Sami Nour ' +
  'Walid Amira Hatem Leila Anis Sonia Bilel Olfa Tarek Hela Fares Dorra Slim Emna Riadh Sarra ' +
  'Omar Asma Khalil Wafa Mehdi Syrine Zied Rim Aymen Hiba'
).split(' ');
export const FAMILY_NAMES = (
  'Trabelsi BenAli Gharbi Jaziri Mansouri Chaabane Haddad Bouazizi Ayari Khelifi Mejri Saidi ' +
  'Hamdi Dridi Ferjani Zouari Belhadj Mabrouk Sassi Nasri Kallel Rekik Jlassi Tlili Guesmi ' +
  'Brahmi Abidi Baccouche Hammami Laabidi'
).split(' ');
export const STREETS = (
  'Avenue Habib Bourguiba|Rue de Marseille|Avenue de la Liberté|Rue Ibn Khaldoun|' +
  'Avenue Farhat Hached|Rue de Palestine|Avenue Mohamed V|Rue du Lac|Avenue Taieb Mehiri|' +
  'Rue El Jazira'
).split('|');
export const FRENCH_NAMES =
  'Jasmin Olivier Médina Lac Phare Corniche Palmier Soleil Citron Figuier Carthage Mer Étoile Jardin'.split(
    ' ',
  );
export const FRENCH_FORMS = ['Le {}', 'Chez {}', 'La Table du {}', 'Dar {}', 'Café {}', 'Au {}'];
export const BISTRO_FORMS = ['Bistrot {}', 'Le Petit Bistro {}', 'Bistro du {}'];
export const AMERICAN_NAMES =
  'Smoky Golden Route Big Liberty Burger Downtown Blue Maple Rocky Texas Brooklyn'.split(' ');
export const AMERICAN_FORMS = ['{} Grill', '{} Diner', '{} House', '{} Burgers & Pizza', '{} Smokehouse'];
export const DESCRIPTION_SUBJECTS = (
  'Home cooking|Grilled fish|Wood-fired pizza|Couscous and brik|Burgers and fries|' +
  'Fresh salads|Sweets and coffee|Family dishes|Street food|Sandwiches|Tajines|' +
  'Sushi and bowls'
).split('|');
export const DESCRIPTION_PLACES = (
  'near the old town|by the sea|in the market street|opposite the station|in a quiet yard|' +
  'next to the theatre|on the main avenue|above the harbour|beside the park|at the city gate'
).split('|');
export const DISHES: Readonly<
  Record<string, { readonly names: readonly string[]; readonly price: readonly [number, number] }>
> = {
  'Fast Food': {
    names: ['Burger', 'Pizza Slice', 'Makloub', 'Chapati', 'Fricassé', 'Kebab', 'Hot Dog'],
    price: [5, 15],
  },
  Casual: {
    names: ['Couscous', 'Ojja', 'Grilled Fish', 'Tajine', 'Pasta', 'Steak', 'Sushi Box'],
    price: [15, 30],
  },
  Dessert: { names: ['Baklawa', 'Makroudh', 'Crêpe', 'Ice Cream', 'Tiramisu'], price: [5, 10] },
  Drinks: { names: ['Mint Tea', 'Citronnade', 'Coffee', 'Soda', 'Fresh Juice'], price: [2, 8] },
};
export const FESTIVALS: readonly [string, string, 'Public Holiday' | 'Observance'][] = [
  ['New Year', '2025-01-01', 'Public Holiday'],
  ['Revolution Day', '2025-01-14', 'Public Holiday'],
  ['Isra and Miraj', '2025-01-27', 'Observance'],
  ['Valentine', '2025-02-14', 'Observance'],
  ['Ramadan Start', '2025-03-01', 'Observance'],
  ['Independence Day', '2025-03-20', 'Public Holiday'],
  ['Eid al-Fitr', '2025-03-31', 'Public Holiday'],
  ["Martyrs' Day", '2025-04-09', 'Public Holiday'],
  ['Labour Day', '2025-05-01', 'Public Holiday'],
  ['Eid al-Adha', '2025-06-06', 'Public Holiday'],
  ['Republic Day', '2025-07-25', 'Public Holiday'],
  ["Women's Day", '2025-08-13', 'Public Holiday'],
  ['Evacuation Day', '2025-10-15', 'Public Holiday'],
];
export const PRAISE = [
  'Loved it, fresh and warm',
  'Great taste, will order again',
  'Fast and friendly',
  'Best in town',
  'Perfect portion',
];
export const COMPLAINT = [
  'Cold when it came',
  'Too salty for me',
  'Late and messy',
  'Not worth the price',
  'Wrong dish delivered',
];
