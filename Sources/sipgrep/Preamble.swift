import SIPTrace

/// The lines before the first message: where from, which filter, what is looked for.
enum Preamble {
    enum Input {
        case devices([LiveCapture])
        case files
        case hep(HEPAddress)
        case mirror(HEPAddress)
        case texts
    }

    static func write(
        _ settings: Settings, _ matcher: MessageMatcher, _ input: Input, link: LinkType,
        to output: inout OutputBuffer
    ) {
        switch input {
        case .devices(let devices):
            for device in devices {
                output.write("interface: \(device.device)\(device.network.map { " (\($0))" } ?? "")\n")
            }
        case .files:
            for file in settings.files { output.write("input: \(file)\n") }
        case .texts: for file in settings.texts { output.write("input: \(file)\n") }
        case .hep(let address): output.write("input: HEP on \(address)\n")
        case .mirror(let address): output.write("input: TZSP on \(address)\n")
        }
        guard settings.quiet < 2 else { return }
        if let filter = Self.filterLine(settings, link) { output.write("filter: \(filter)\n") }
        if let match = matcher.announcement { output.write("\(match)\n") }
        if let path = settings.saving?.path { output.write("output: \(path)\n") }
    }

    /// The filter as the person gave it, in the words of the form: of 2002, or of ngrep today.
    private static func filterLine(_ settings: Settings, _ link: LinkType) -> String? {
        let words = settings.captureFilter
        if settings.form == .classic {
            let families = Self.admitsIPv6(words) ? "(ip or ip6)" : "ip"
            return words.map { "\(families) and ( \($0) )" } ?? families
        }
        let all = PacketFilter.knowsVLAN(link) ? "((ip || ip6) || (vlan && (ip || ip6)))" : "(ip || ip6)"
        return words.map { "( \($0) ) and \(all)" } ?? all
    }

    /// Whether an IPv6 packet could pass: no, when the filter with "ip6" added can match nothing.
    private static func admitsIPv6(_ filter: String?) -> Bool {
        guard let filter else { return true }
        return PacketFilter.canPass("( \(filter) ) and ip6")
    }
}
