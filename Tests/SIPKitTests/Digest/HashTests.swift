import Testing

@testable import SIPKit

@Suite("SHA-512/256 (FIPS 180-4 §6.7)")
struct SHA512t256Tests {
    /// Made with OpenSSL over the bytes 0, 1 … 250, 0, 1 …
    static let known: [(Int, String)] = [
        (0, "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a"),
        (3, "daca0762a6678e4e26cb8a893d71d72cf3239e29cc837629590b84625dec14af"),
        (111, "bd209f60b0d04102a09175297fd255367e54b5a5605b928635c606306914363f"),
        (112, "2cafeb0882cc405167e9a255b8581a66dc683212474902dd453dbca20a94e61a"),
        (127, "c26bc7e9315e62ab0dc6aeb577724d07c09b0c6fdfc0a9f08d8548047c032248"),
        (128, "2ff11194b2aec1f943cb5f130ba647c151334068083194d7281a55d607ae255f"),
        (200, "e511aa65d4e53c0bb6065c9e1d2882248307fc4987e67fca18d7e3c77017df65"),
        (300, "296e2706d6d2646addb595b869976cd56637b5e5150c60cf2d517574fdda6764"),
    ]

    @Test("agrees with another implementation at every length around a block's end", arguments: known)
    func agrees(_ count: Int, _ expected: String) {
        let input = (0..<count).map { UInt8($0 % 251) }
        var output = ByteWriter()
        output.write(hex: SHA512t256.hash(input))
        #expect(output.string == expected)
    }
}

@Suite("SipHash-2-4-128")
struct ShortMACTests {
    let mac = ShortMAC(key: (0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908))

    @Test("agrees with its reference for nothing")
    func empty() {
        let tag = self.mac.tag([] as InlineArray<0, UInt64>)
        #expect(tag == .init(first: 0xE6A8_25BA_047F_81A3, second: 0x9302_55C7_1472_F66D))
    }

    @Test("agrees with OpenSSL for forty bytes 0, 1 … 39")
    func forty() {
        let tag = self.mac.tag(
            [
                0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908, 0x1716_1514_1312_1110, 0x1F1E_1D1C_1B1A_1918,
                0x2726_2524_2322_2120,
            ] as InlineArray<5, UInt64>)
        #expect(tag == .init(first: 0xAD5D_C995_1E30_6ADF, second: 0xD83B_91C6_C80C_AE97))
    }
}
