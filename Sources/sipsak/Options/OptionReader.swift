import SIPKit

/// From scanned words to ``SipsakOptions``: values are read and checked, combinations looked at.
///
/// Everything is checked after everything was read, so the order of options never matters (in the original, `-s` before
/// `-p` was resolved too early).
enum OptionReader {
    static func read(_ words: [String]) throws(UsageError) -> (options: SipsakOptions, warnings: [String]) {
        let scanned = try OptionScanner.scan(words)
        var options = SipsakOptions()
        for item in scanned.items { try Self.apply(item, &options) }
        var warnings: [String] = []
        if options.uriText == nil, let word = scanned.operands.first { options.uriText = word }
        if words.isEmpty { options.showsHelp = true }
        guard !options.showsHelp, !options.showsVersion, options.document == nil else { return (options, []) }
        // The answering side, the exporter and a list of targets need nobody to send to.
        let needsNobody =
            options.answers && !options.usrloc || options.exporter != nil || options.lookup.targetsFile != nil
        if options.uriText == nil, needsNobody {
            options.uriText = "sip:\(options.localIP.map { SipsakCommand.text($0) } ?? "127.0.0.1")"
        }
        try Self.complete(&options, fromOption: scanned.items.contains { $0.id == .sipURI }, &warnings)
        return (options, warnings)
    }

    // MARK: One option

    private static func apply(_ item: OptionScanner.Scanned.Item, _ options: inout SipsakOptions) throws(UsageError) {
        let value = item.value ?? ""
        func number(_ range: ClosedRange<Int>) throws(UsageError) -> Int {
            try Self.number(value, range, item.spelling)
        }
        switch item.id {
        case .sipURI: options.uriText = value
        case .outboundProxy: options.outboundProxy = try TargetURI.proxy(value, spelling: item.spelling)
        case .remotePort: options.remotePort = try Self.port(value, item.spelling)
        case .localPort: options.localPort = try Self.port(value, item.spelling, lowest: 0)
        case .localIP:
            guard let ip = IPAddress(value) else {
                throw UsageError("not an IP address: '\(value)' (\(item.spelling))")
            }
            options.localIP = ip
        case .hostname: options.hostname = value
        case .numeric: options.usesFQDN = true
        case .transport: options.transport = try Self.transport(value)
        case .symmetric: options.isSymmetric = true
        case .noVia: options.addsVia = false
        case .maxForwards: options.maxForwards = try number(0...255)
        case .filename: options.filename = value
        case .noCRLF: options.fixesLineEnds = false
        case .replaceString: options.replacement = try Self.replacements(value, item.spelling)
        case .replace: options.replacesMarks = true
        case .headers: options.extraHeaders = value
        case .password:
            if value == "-" { options.asksPassword = true } else { options.password = value }
        case .authUsername: options.authUsername = value
        case .authHash:
            let digits = value.utf8
            guard digits.count >= 32 else { throw UsageError("authhash string is too short") }
            guard digits.allSatisfy({ ASCII.hexValue($0) != nil }), digits.count == 32 || digits.count == 64 else {
                throw UsageError("authhash is 32 (MD5) or 64 (SHA-256) hexadecimal digits (\(item.spelling))")
            }
            options.authHash = value
        case .ignoreRedirects: options.followsRedirects = false
        case .verbose: options.verbosity += 1
        case .extractIP: options.extractsIP = true
        case .search: options.search = value
        case .nagios: options.nagios = true
        case .nagiosWarn: options.nagiosWarn = try number(0...1_000_000)
        case .syslog: options.syslogLevel = try number(0...7)
        case .timing: options.runs = try number(0...1_000_000_000)
        case .timeoutFactor:
            guard value.utf8.contains(where: { $0 != 0x30 }) else { throw UsageError("D option must be above 0") }
            options.timeoutFactor = try number(1...1_000_000)
        case .timerT1:
            guard value.utf8.contains(where: { $0 != 0x30 }) else { throw UsageError("Z option must be above 0") }
            options.timerT1 = try number(1...1_000_000)
        case .sleep: options.sleep = value == "rand" ? .random : .milliseconds(try number(0...2_000_000_000))
        case .traceroute: options.traces = true
        case .usrlocMode: options.usrloc = true
        case .inviteMode: options.invites = true
        case .messageMode: options.messages = true
        case .appendixBegin: options.begin = try number(0...2_000_000_000)
        case .appendixEnd: options.end = try number(0...2_147_483_647)
        case .contact:
            options.contact =
                switch value {
                case "", "empty", "none": .none
                case "*", "star": .star
                default: .given(value)
                }
        case .expires: options.expires = try number(0...4_294_967_295)
        case .removeBindings:
            guard let percent = Int(exactly: try number(0...2_000_000_000)), percent <= 100 else {
                throw UsageError("z option must between 0 and 100")
            }
            options.removalPercent = percent
        case .messageBody: options.messageBody = value
        case .disposition: options.disposition = value
        case .from: options.from = value
        case .processes: options.processes = try number(1...100_000)
        case .floodMode: options.floods = true
        case .randomMode: options.isRandom = true
        case .trashChars: options.trashCount = try number(1...65_507)
        case .version: options.showsVersion = true
        case .help:
            options.showsHelp = true
            if item.spelling == "--help" { options.showsLongHelp = true }
        case .tlsCA: options.tls.trustFile = value
        case .tlsCertificate: options.tls.certificateFile = value
        case .tlsIgnore: options.tls.ignoresFailure = true
        default: try Self.applyAdded(item, &options)
        }
    }

    // MARK: Values

    static func number(_ text: String, _ range: ClosedRange<Int>, _ spelling: String) throws(UsageError) -> Int {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.allSatisfy(ASCII.isDigit) else {
            throw UsageError("string is not a number: '\(Printable.text(bytes))' (\(spelling))")
        }
        guard let value = ASCII.number(bytes.span, ByteRange(0, bytes.count), limit: UInt64(range.upperBound)),
            range.contains(Int(value))
        else {
            throw UsageError("number out of range \(range.lowerBound)..\(range.upperBound): '\(text)' (\(spelling))")
        }
        return Int(value)
    }

    static func port(_ text: String, _ spelling: String, lowest: Int = 1) throws(UsageError) -> UInt16 {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.allSatisfy(ASCII.isDigit) else {
            throw UsageError("port is not a number: '\(Printable.text(bytes))' (\(spelling))")
        }
        guard let value = ASCII.number(bytes.span, ByteRange(0, bytes.count), limit: 65_535), value >= lowest else {
            throw UsageError("port out of range 1..65535: '\(text)' (\(spelling))")
        }
        return UInt16(value)
    }

    static func transport(_ text: String) throws(UsageError) -> TransportProtocol {
        let bytes = Array(text.utf8)
        guard let known = TransportProtocol(parsing: bytes.span, ByteRange(0, bytes.count)), known != .sctp else {
            throw UsageError(
                "unsupported transport '\(Printable.text(bytes))', supported values: udp, tcp, tls, ws, wss")
        }
        return known
    }

    /// `text` alone fills `$replace$`; `!NAME!value!NAME!value!` fills each `$NAME$`.
    static func replacements(_ text: String, _ spelling: String) throws(UsageError) -> [MarkReplacement] {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last else { return [] }
        if ASCII.isAlphanumeric(first), ASCII.isAlphanumeric(last) {
            return [MarkReplacement(name: "replace", value: text)]
        }
        var parts = bytes.dropFirst().split(separator: first, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        if parts.last == "" { parts.removeLast() }
        guard parts.count % 2 == 0 else {
            let name = parts.last ?? ""
            throw UsageError("replacement list needs name and value pairs, got '\(name)' without value (\(spelling))")
        }
        return stride(from: 0, to: parts.count, by: 2).map { MarkReplacement(name: parts[$0], value: parts[$0 + 1]) }
    }

    // MARK: Combinations

    private static func complete(
        _ options: inout SipsakOptions, fromOption: Bool, _ warnings: inout [String]
    ) throws(UsageError) {
        guard let text = options.uriText else { throw UsageError("a SIP URI is needed at least") }
        let uri = fromOption ? try TargetURI.sip(text, spelling: "-s") : try TargetURI.word(text)
        options.uri = uri
        if uri.port != nil, options.remotePort != nil {
            warnings.append("you are overwriting the destination port with the r argument")
        }
        if options.isSymmetric { warnings.append("symmetric does not work with a-symmetric servers") }
        if options.messageBody != nil, !options.messages {
            warnings.append("to send a message mode (-M) is required. activating")
            options.messages = true
        }
        if options.identity.keyFile != nil, options.identity.certificateURL == nil {
            throw UsageError("a signature needs the address of its certificate: --identity-x5u URL (--identity-key)")
        }
        if let text = options.rateText {
            guard let pace = LoadPace(text, seconds: options.duration) else {
                throw UsageError("a rate is N or N..M requests a second, not '\(Printable.text(text.utf8))' (--rate)")
            }
            options.rate = pace
        }
        if options.mtr {
            // mtr(8) counts with -c, which is --from here; a From that is a number is none.
            if let from = options.from, !from.isEmpty, from.utf8.allSatisfy(ASCII.isDigit) {
                options.count = try Self.number(from, 1...1_000_000, "-c")
                options.from = nil
            }
        } else if options.traces || options.hopDetail, !options.extractsIP, !options.json {
            warnings.append("IP extract from warning activated to be more informational")
            options.extractsIP = true
        }
        if options.hopDetail || options.mtr { options.traces = true }
        options.extractsIP = options.extractsIP || options.traces
        if options.floods || options.isRandom, options.followsRedirects {
            warnings.append(
                "redirects are not expected in \(options.floods ? "flood. disabling" : "random. disableing")")
            options.followsRedirects = false
        }
        if options.begin != nil, options.end == nil {
            throw UsageError("if a starting numbers is given also an ending number have to be specified")
        }
        if let begin = options.begin, let end = options.end, end < begin {
            throw UsageError("end number \(end) is below start number \(begin) (-b, -e)")
        }
        if options.traces, options.filename == nil, uri.user == nil {
            throw UsageError("for trace mode without a file the SIPURI have to contain a username")
        }
        if options.usrloc || options.invites || options.messages || options.registerHold != nil, uri.user == nil {
            throw UsageError("for the USRLOC mode you have to give a SIPURI with a username\n       at least")
        }
    }
}
