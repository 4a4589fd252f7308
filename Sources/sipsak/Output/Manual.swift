/// The man page and the shells' completions, made from the option table so that they cannot fall behind it.
enum Manual {
    /// `man` source in groff's man macros: `sipsak --man | man -l -`.
    static var page: String {
        var text = """
            .TH SIPSAK 1 "" "sipsak \(RequestFactory.version)" "User Commands"
            .SH NAME
            sipsak \\- ping, trace and test SIP servers
            .SH SYNOPSIS
            .B sipsak
            [\\fIoptions\\fR] \\fB\\-s\\fR \\fISIPURI\\fR
            .br
            .B sipsak
            [\\fIoptions\\fR] \\fITARGET\\fR
            .SH DESCRIPTION
            Sends SIP requests and tells what became of them. Options, output and exit codes are those of sipsak 0.9.7, so
            that scripts written for it work; long options without a letter are new.
            .SH OPTIONS

            """
        for option in OptionTable.all {
            guard let sentence = OptionHelp.sentence(option.id) else { continue }
            var names: [String] = []
            if let letter = option.letter { names.append("\\fB\\-\(Character(UnicodeScalar(letter)))\\fR") }
            names += option.names.map { "\\fB\\-\\-\(Self.escaped($0))\\fR" }
            let value = sentence.value.map { " \\fI\(Self.escaped($0))\\fR" } ?? ""
            text += ".TP\n\(names.joined(separator: ", "))\(value)\n\(Self.escaped(sentence.text))\n"
        }
        text += """
            .SH EXIT STATUS
            .TP
            .B 0
            the final answer was good
            .TP
            .B 1
            the final answer was a refusal, or a step failed
            .TP
            .B 2
            a local problem: options, names, sockets, authentication
            .TP
            .B 3
            nobody answers
            .TP
            .B 4
            a critical threshold was missed
            .TP
            .B 5
            an assertion failed (no audio in \\-\\-call)
            .TP
            .B 32
            the expression of \\-q did not match
            .TP
            .B 130
            interrupted
            .PP
            With \\-N: 0, 1 and 2 as Nagios reads them.
            .SH SEE ALSO
            .BR sipgrep (1),
            .BR harv (1),
            .BR miniproxy (1)

            """
        return text
    }

    private static func escaped(_ text: String) -> String {
        var output = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": output += "\\e"
            case "-": output += "\\-"
            case "'" where output.isEmpty, "." where output.isEmpty: output += "\\&\(character)"
            default: output.unicodeScalars.append(character)
            }
        }
        return output
    }

    /// A completion script for bash, zsh or fish.
    static func completions(_ shell: String) throws(UsageError) -> String {
        let options = OptionTable.all.filter { OptionHelp.sentence($0.id) != nil }
        switch shell {
        case "bash":
            let words = options.flatMap { $0.names.map { "--\($0)" } }.joined(separator: " ")
            return """
                _sipsak() {
                    local word=${COMP_WORDS[COMP_CWORD]}
                    case ${COMP_WORDS[COMP_CWORD-1]} in
                        -f|--filename|--password-file) COMPREPLY=($(compgen -f -- "$word")); return ;;
                    esac
                    COMPREPLY=($(compgen -W "\(words)" -- "$word"))
                }
                complete -F _sipsak sipsak

                """
        case "zsh":
            let lines = options.flatMap { option in
                option.names.map { name in
                    "    '--\(name)\(option.argument == .required ? "=" : "")[\(Self.plain(option))]\(option.argument == .required ? ":value:" : "")'"
                }
            }
            return "#compdef sipsak\n_arguments -s \\\n" + lines.joined(separator: " \\\n") + "\n"
        case "fish":
            return options.flatMap { option in
                option.names.map { name in
                    let letter = option.letter.map { " -s \(Character(UnicodeScalar($0)))" } ?? ""
                    return
                        "complete -c sipsak\(letter) -l \(name)\(option.argument == .required ? " -r" : "") -d '\(Self.plain(option))'\n"
                }
            }.joined()
        default: throw UsageError("completions are written for bash, zsh and fish, not for '\(shell)'")
        }
    }

    /// The sentence without what a shell's quoting would trip over.
    private static func plain(_ option: OptionName) -> String {
        String((OptionHelp.sentence(option.id)?.text ?? "").filter { !"'[]\\:".contains($0) })
    }
}
