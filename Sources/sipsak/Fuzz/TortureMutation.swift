import SIPKit

/// What RFC 4475 collects, made out of our own request: each case has the name of its test there and the section.
enum TortureMutation: String, CaseIterable, Sendable {
    // §3.1.1
    case wsinv, intmeth, esc01, escnull, esc02, lwsdisp, longreq, semiuri, transports, noreason
    // §3.1.2
    case badinv01, clerr, ncl, scalar02, quotbal, ltgtruri, lwsruri, lwsstart, trws, escruri, baddate, regbadct
    case badaspec, baddn, badvers, mismatch01, mismatch02
    // §3.2 and §3.3
    case badbranch, insuf, unkscm, novelsc, unksm2, bext01, invut, regaut01, multi01, mcl01, zeromf, cparam01

    func apply(to message: [UInt8], _ ids: inout Identifiers) -> Mutator.Damage {
        var draft = Draft(text: message)
        let uri = String(decoding: draft.uri, as: UTF8.self)
        let method = String(decoding: draft.method, as: UTF8.self)
        let host = uri.split(separator: ":", maxSplits: 1).last.map(String.init) ?? "host"
        func start(_ line: String) { draft = Self.withStartLine(Array(line.utf8), draft) }
        switch self {
        case .wsinv:
            draft.set(.to, "sip:vivek@\(host) ;   tag    = 1918181833n")
            draft.append("NewFangledHeader", "newfangled value\r\n continued newfangled value")
            draft.append("Route", "<sip:services.example.com;lr;unknownwith=value;unknown-no-value>")
        case .intmeth:
            let odd = "!interesting-Method0123456789_*+`.%indeed'~"
            start(
                "\(odd) sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d@\(host) SIP/2.0")
            draft.set(.cSeq, "139122385 \(odd)")
        case .esc01: start("\(method) sip:sips%3Auser%40example.com@\(host) SIP/2.0")
        case .escnull: start("\(method) sip:null-%00-null@\(host) SIP/2.0")
        case .esc02:
            start("RE%47IST%45R \(uri) SIP/2.0")
            draft.set(.cSeq, "29344 RE%47IST%45R")
        case .lwsdisp: draft.set(.from, "caller<sip:caller@\(host)>;tag=323")
        case .longreq:
            let long = String(repeating: "long", count: 60)
            draft.append("\(long)-Header", String(repeating: "\(long) ", count: 30))
            draft.append("Contact", "<sip:\(String(repeating: "amazinglylong", count: 80))@\(host)>")
        case .semiuri: start("\(method) sip:user;par=u%40example.net@\(host) SIP/2.0")
        case .transports:
            for name in ["TCP", "SCTP", "TLS", "UNKNOWN"] {
                draft.append("Via", "SIP/2.0/\(name) t.example.com;branch=z9hG4bK\(name)")
            }
        case .noreason: start("SIP/2.0 100 ")
        case .badinv01: draft.append("Contact", "\"Joe\" <sip:joe@\(host)>;;;;")
        case .clerr: draft.set(.contentLength, "9999")
        case .ncl: draft.set(.contentLength, "-999")
        case .scalar02:
            draft.set(.cSeq, "36893488147419103232 \(method)")
            draft.set(.maxForwards, "300")
            draft.append("Expires", "10000000000000000000000000000000")
        case .quotbal: draft.set(.to, "\"Mr. J. User <sip:j.user@\(host)>")
        case .ltgtruri: start("\(method) <\(uri)> SIP/2.0")
        case .lwsruri: start("\(method) \(uri); lr SIP/2.0")
        case .lwsstart: start("\(method)  \(uri)  SIP/2.0")
        case .trws: start("\(method) \(uri) SIP/2.0  ")
        case .escruri: start("\(method) \(uri)?Route=%3Csip:example.com%3E SIP/2.0")
        case .baddate: draft.append("Date", "Fri, 01 Jan 2010 16:00:00 EST")
        case .regbadct: draft.append("Contact", "sip:user@\(host)?Route=%3Csip:sip.example.com%3E")
        case .badaspec: draft.set(.to, "\"Watson, Thomas\" < sip:t.watson@\(host) >")
        case .baddn: draft.set(.from, "Bell, Alexander <sip:a.g.bell@\(host)>;tag=43")
        case .badvers: start("\(method) \(uri) SIP/7.0")
        case .mismatch01: draft.set(.cSeq, "8 INVITE")
        case .mismatch02:
            start("NEWMETHOD \(uri) SIP/2.0")
            draft.set(.cSeq, "8 \(method)")
        case .badbranch: draft.set(.via, "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK")
        case .insuf: for id in [HeaderID.callID, .from, .to] { draft.remove(id) }
        case .unkscm: start("\(method) nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0")
        case .novelsc: start("\(method) soap.beep://192.0.2.103:3002 SIP/2.0")
        case .unksm2: draft.set(.to, "isbn:2983792873")
        case .bext01:
            draft.append("Require", "nothingSupportsThis, nothingSupportsThisEither")
            draft.append("Proxy-Require", "noProxiesSupportThis, norDoAnyProxiesSupportThis")
        case .invut: draft.append("Content-Type", "application/unknownformat")
        case .regaut01: draft.append("Authorization", "NoOneKnowsThisScheme opaque-data=here")
        case .multi01:
            draft.append("CSeq", "59 \(method)")
            draft.append("Call-ID", "second@\(host)")
            draft.append("To", "<sip:other@\(host)>")
            draft.append("Max-Forwards", "5")
        case .mcl01:
            draft.append("Content-Length", "5")
            draft.append("Content-Length", "138")
        case .zeromf: draft.set(.maxForwards, "0")
        case .cparam01: draft.append("Contact", "sip:+19725552222@\(host);unknownparam")
        }
        return .init(bytes: draft.bytes(), what: "rfc4475 \(self.rawValue)", place: nil)
    }

    private static func withStartLine(_ line: [UInt8], _ draft: Draft) -> Draft {
        let rest = draft.bytes()
        let end = rest.firstIndex(of: ASCII.lf) ?? rest.count - 1
        return Draft(text: line + [ASCII.cr, ASCII.lf] + rest[(end + 1)...])
    }
}
