"""Invented names for the demo month. Any likeness to a company or a person is chance."""

from typing import Final

STUDIO: Final = ("Sathorn Studios", "88 Soi Sathorn 11, Yan Nawa, Bangkok 10120")
OLD_STUDIO: Final = ("Rama IV Loft (closed)", "1204 Rama IV Road, Khlong Toei, Bangkok 10110")
OLD_ROOM: Final = "Loft A"

ROOMS: Final = (
    # name, capacity, lead and turnaround in minutes
    ("Chao Phraya", 24, 30, 30),
    ("Lumphini", 20, 15, 30),
    ("Benjakitti", 16, 0, 30),
    ("Ari", 12, 0, 15),
    ("Thonglor", 12, 0, 15),
    ("Ekkamai", 10, 0, 0),
    ("Phrom Phong", 10, 0, 0),
    ("Asok", 10, 0, 0),
    ("Siam", 8, 0, 0),
    ("Ratchathewi", 8, 0, 0),
    ("Phaya Thai", 8, 0, 0),
    ("Saphan Taksin", 6, 0, 0),
    ("Bang Rak", 6, 0, 0),
    ("Talat Noi", 4, 0, 0),
    ("Song Wat", 4, 0, 0),
    ("Yaowarat Kitchen", 8, 15, 45),
)

CLIENTS: Final = (
    # name, contact person
    ("Mali & Moon Skincare", "Kanya Suriyawong"),
    ("Chaba Cosmetics", "Prasert Boonmee"),
    ("Lotus Linen House", "Wipa Charoensuk"),
    ("Nakhon Coffee Roasters", "Thanawat Rattana"),
    ("Kinnaree Jewellery", "Siriporn Meesuk"),
    ("Baan Rice Crackers", "Anong Phongphan"),
    ("Siam Sole Sneakers", "Krit Wattanakul"),
    ("Orchid Lane Perfumes", "Naree Intarat"),
    ("Tuk Tuk Toys", "Somchai Kaewmanee"),
    ("Golden Mango Snacks", "Pimchanok Saelim"),
    ("Phuket Pearl Atelier", "Duangjai Thepsiri"),
    ("Saffron & Silk", "Malee Srisai"),
    ("Andaman Swimwear", "Tida Niran"),
    ("Chang Noi Baby Care", "Ratana Chaiyo"),
    ("Isan Spice Kitchen", "Boonsong Khamphu"),
    ("Moonrise Mattress", "Veera Limsakul"),
    ("Jasmine Gadget Shop", "Arthit Panya"),
    ("Tropic Vita Supplements", "Chalida Wong"),
    ("Lanna Leather Works", "Inthira Kaew"),
    ("Coconut Grove Haircare", "Saowalak Dee"),
    ("Blue Elephant Stationery", "Pakorn Sombat"),
    ("Kaffir Home Fragrance", "Onuma Pradit"),
    ("Sunda Sportswear", "Nattapong Yodrak"),
    ("Pad Thai Pantry", "Jintana Ruang"),
    ("Velvet Durian Desserts", "Supansa Thong"),
    ("Riverbank Denim", "Chaiwat Noppadon"),
    ("Papaya Pet Supplies", "Benjamas Kittikul"),
    ("Monsoon Umbrella Co.", "Weerachai Sutham"),
    ("Glow Nakhon Beauty", "Apinya Rojana"),
    ("Teak & Thread Furniture", "Sakda Chanthara"),
    ("Makok Olive Oils", "Lalita Prom"),
    ("Firefly Lighting", "Danai Phrom"),
    ("Tamarind Tea House", "Kamonwan Sae-tang"),
    ("Naga Gaming Gear", "Phuwadon Meechai"),
    ("Butterfly Pea Bakery", "Rungnapa Sook"),
    ("Silver Barb Seafood", "Manop Thale"),
    ("Crane & Cotton", "Yada Phakdee"),
    ("Sala Travel Bags", "Teerapat Hong"),
    ("Bamboo Bloom Diapers", "Nuanchan Obchoey"),
    ("Star Anise Cookware", "Wanchai Krua"),
    ("Ploy Sai Gemstones", "Ploypailin Maneerat"),
    ("Kohlong Sunscreen", "Itsara Samut"),
    ("Wat Arun Watches", "Norawit Wela"),
    ("Rambutan Phone Cases", "Fahsai Dechoch"),
    ("Hom Mali Rice Mill", "Prayut Nakaset"),
    ("Pomelo Point Fashion", "Chutima Arporn"),
    ("Lemongrass Laundry", "Sunisa Saard"),
    ("Khao Yai Dairy", "Pongsak Nomsot"),
    ("Songkran Water Filters", "Ekachai Namsai"),
    ("Paper Lantern Crafts", "Mayuree Silpa"),
)

CREATORS: Final = (
    # name, alias
    ("Ploy Chanikarn", "Ploy"),
    ("Nattaya Srisuk", "Nat"),
    ("Somsak Jaidee", "Sak"),
    ("Fern Walker", "Fern"),
    ("Kittipong Saetang", "Kit"),
    ("Araya Thongchai", "Aya"),
    ("Beam Rattanakorn", "Beam"),
    ("Mint Pattaraporn", "Mint"),
    ("James Harlow", "JJ"),
    ("Praewa Sukjai", "Praew"),
    ("Tanawat Kunlapat", "Guy"),
    ("Nicha Wongsawat", "Nicha"),
    ("Oat Phiraphat", "Oat"),
    ("Saranya Mekloy", "Sara"),
    ("Belle Anderson", "Belle"),
    ("Gift Kanlayanee", "Gift"),
    ("Worawit Chaisri", "Win"),
    ("Jane Sirilak", "Jane"),
    ("Pang Orathai", "Pang"),
    ("Marcus Lindqvist", "Marc"),
    ("Nam Thipsuda", "Nam"),
    ("Bank Thanakrit", "Bank"),
    ("Fah Rungroj", "Fah"),
    ("Chompoo Arisara", "Chompoo"),
    ("Earth Pongsakorn", "Earth"),
    ("Lily Tran", "Lily"),
    ("Kwan Ratchanok", "Kwan"),
    ("Pete Suwannarat", "Pete"),
    ("Noey Chutikarn", "Noey"),
    ("Title Kantapon", "Title"),
    ("Amy Sutherland", "Amy"),
    ("Bow Nalinee", "Bow"),
    ("Tum Jirayut", "Tum"),
    ("Aom Kanokwan", "Aom"),
    ("Golf Pichaya", "Golf"),
    ("Dao Saengdao", "Dao"),
    ("Ice Methawee", "Ice"),
    ("Ryan Castellano", "Ryan"),
    ("View Benyapa", "View"),
    ("Tan Nattawut", "Tan"),
    ("Kaew Supattra", "Kaew"),
    ("Pim Lapasrada", "Pim"),
    ("Boss Chayanon", "Boss"),
    ("Mook Pichana", "Mook"),
    ("Sunny Okafor", "Sunny"),
    ("Yok Jirapa", "Yok"),
    ("Film Thanapat", "Film"),
    ("Grace Nakamura", "Grace"),
    ("Jib Pornthip", "Jib"),
    ("Max Weerayuth", "Max"),
    ("Toey Anchalee", "Toey"),
    ("Ken Vorapoj", "Ken"),
)

PLATFORMS: Final = ("TikTok", "Shopee", "Lazada")

FORMATS: Final = (
    # title, usual start in minutes after midnight, usual length; one group for each part of the day
    (
        ("Sunrise Special", 5 * 60 + 24 * 60, 120),
        ("Good Morning Live", 7 * 60, 120),
        ("Breakfast Bargains", 8 * 60 + 30, 90),
        ("Coffee Break Deals", 10 * 60, 120),
    ),
    (
        ("Lunchtime Live", 12 * 60, 120),
        ("Unboxing Hour", 13 * 60 + 30, 60),
        ("Afternoon Try-on", 14 * 60 + 30, 150),
        ("Tea Time Picks", 16 * 60, 120),
    ),
    (
        ("After-work Hour", 17 * 60 + 30, 90),
        ("Prime Time Show", 19 * 60, 180),
        ("Couch Shopping", 20 * 60 + 30, 150),
        ("Late Night Clearance", 22 * 60, 240),
        ("Midnight Flash Sale", 23 * 60 + 30, 180),
    ),
)

STAFF: Final = (
    # email, name, role
    ("planner@sathorn-studios.example", "Chanida Chaiyasit", "planner"),
    ("manager@sathorn-studios.example", "Anan Wisetchai", "manager"),
    ("viewer@sathorn-studios.example", "Nok Phanthong", "viewer"),
)

CLIENT_USERS: Final = (
    # email, name, role, client (its place above)
    ("siriporn@kinnaree.example", "Siriporn Meesuk", "client_approver", 4),
    ("pim@kinnaree.example", "Pim Meesuk", "client_viewer", 4),
    ("kanya@mali-moon.example", "Kanya Suriyawong", "client_approver", 0),
)
