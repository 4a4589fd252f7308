/// Of functions that ask for users' scripts: what they say where there is no database. With one, see `CPLCallTests`.
extension FunctionExamples {
    static let cpl: [String: [Example]] = [
        "cpl_run_script": [
            Example(
                "is false where no database has scripts", #"cpl_run_script("incoming", "is_stateless")"#,
                on: .request(), gives: .no)
        ],
        "cpl_process_register": [
            Example(
                "is true for a REGISTER without a script, which goes on to save", "cpl_process_register()",
                on: .request(["Contact": "<sip:alice@192.0.2.7>"], method: "REGISTER"), gives: .yes),
            Example(
                "answers 500 where no database keeps scripts, and ends the block", "cpl_process_register()",
                on: .request(
                    ["Content-Type": "application/cpl+xml", "Content-Disposition": "script;action=store"],
                    method: "REGISTER", body: "<cpl/>"), gives: .stop),
        ],
        "cpl_process_register_norpl": [
            Example(
                "is true for a REGISTER without a script", "cpl_process_register_norpl()",
                on: .request(["Contact": "<sip:alice@192.0.2.7>"], method: "REGISTER"), gives: .yes)
        ],
    ]
}
