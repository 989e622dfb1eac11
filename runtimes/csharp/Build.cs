// SPDX-License-Identifier: Apache-2.0
using System;
using System.Collections;
using System.IO;
using System.Reflection;

// One run of mcs in another order. mcs reads its sources first and its references then, which are always the same
// and nearly all of its work; here they are read when the object is made, and the sources in Finish(). The steps are those
// of Driver.Compile and Driver.Main in mcs 6.12, which has no interface for them: by reflection. What is not there throws.
//
// Where the order could make a difference Finish() says false, and the compiler proper is to be run.
class Build
{
	const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

	const string InternalError = "CS0589"; // of the parser, which does not expect types of references by the name of a new one

	readonly Assembly mcs;
	readonly object context, module, loader, assembly;
	readonly StringWriter messages = new StringWriter();
	bool good;

	public Build(Assembly mcs, string[] args)
	{
		this.mcs = mcs;
		var settings = Call(New("CommandLineParser", TextWriter.Null), "ParseArguments", new object[] {args});
		var file = (string) Get(settings, "OutputFile");
		context = New("CompilerContext", settings, New("ConsoleReportPrinter", messages));
		module = New("ModuleContainer", context);
		BeCurrent();
		var importer = New("StaticImporter", module);
		loader = New("StaticLoader", importer, context);
		assembly = New("AssemblyDefinitionStatic", module, loader, Path.GetFileName(file), file);
		Call(assembly, "Create", Get(loader, "Domain"));
		Call(importer, "AddCompiledAssembly", assembly);
		Call(loader, "set_CompiledAssembly", assembly);
		Call(loader, "LoadReferences", module);
	}

	public bool Finish()
	{
		BeCurrent();
		var driver = New("Driver", context);
		driver.GetType().GetMethod("Parse", All, null, new[] {module.GetType()}, null).Invoke(driver, new[] {module});
		if (Get(module, "OptAttributes") != null || Collides(module) || messages.ToString().Contains(InternalError))
			return false;
		good = Compile() && Errors == 0;
		return true;
	}

	// After Finish(): what mcs says at its end, and its exit code.
	public int Say()
	{
		Console.Error.Write(messages);
		if (!good)
			Console.WriteLine("Compilation failed: {0} error(s), {1} warnings", Errors, Warnings);
		else if (Warnings > 0)
			Console.WriteLine("Compilation succeeded - {0} warning(s)", Warnings);
		return good ? 0 : 1;
	}

	bool Compile()
	{
		if (Errors > 0)
			return false;
		Call(module, "CreateContainer");
		if (!(bool) Call(Get(context, "BuiltinTypes"), "CheckDefinitions", module))
			return false;
		Call(loader, "LoadModules", assembly, Get(module, "GlobalRootNamespace"));
		Call(module, "InitializePredefinedTypes");
		Call(module, "Define");
		if (Errors > 0)
			return false;
		Call(assembly, "Resolve");
		if (Errors > 0)
			return false;
		Call(assembly, "Emit");
		if (Errors > 0)
			return false;
		Call(module, "CloseContainer");
		Call(assembly, "EmbedResources");
		if (Errors > 0)
			return false;
		Call(assembly, "Save");
		Call(loader, "Dispose");
		return true;
	}

	int Errors { get { return (int) Get(Get(context, "Report"), "Errors"); } }
	int Warnings { get { return (int) Get(Get(context, "Report"), "Warnings"); } }

	void BeCurrent()
	{
		mcs.GetType("Mono.CSharp.RootContext").GetProperty("ToplevelTypes").SetValue(null, module);
	}

	// A type of the program's is where types of references are: in a namespace of theirs, or by the name of one, or of a
	// namespace. Which of the two came first may count then.
	bool Collides(object container)
	{
		foreach (var inner in (IEnumerable) Get(container, "Containers"))
			if (inner.GetType().Name == "NamespaceContainer" || inner.GetType().Name == "CompilationSourceFile" ? Collides(inner) : IsTaken(inner, Get(container, "ns")))
				return true;
		return false;
	}

	bool IsTaken(object type, object space)
	{
		var name = (string) Get(Get(type, "MemberName"), "Name");
		var types = (IDictionary) Get(space, "types");
		if (((IDictionary) Get(space, "namespaces")).Contains(name))
			return true;
		if (space == Get(module, "GlobalRootNamespace"))
			return IsImported(types[name]);
		foreach (var list in types.Values)
			if (IsImported(list))
				return true;
		return false;
	}

	static bool IsImported(object types)
	{
		foreach (var type in (IEnumerable) types)
			if ((bool) Get(Get(type, "MemberDefinition"), "IsImported"))
				return true;
		return false;
	}

	object New(string type, params object[] arguments)
	{
		return Activator.CreateInstance(mcs.GetType("Mono.CSharp." + type, true), All, null, arguments, null);
	}

	static object Call(object on, string method, params object[] arguments)
	{
		return on.GetType().InvokeMember(method, All | BindingFlags.InvokeMethod, null, on, arguments);
	}

	// A private field of a base class is none of the class.
	static object Get(object of, string name)
	{
		for (var type = of.GetType(); type != null; type = type.BaseType) {
			var property = type.GetProperty(name, All | BindingFlags.DeclaredOnly);
			if (property != null)
				return property.GetValue(of);
			var field = type.GetField(name, All | BindingFlags.DeclaredOnly);
			if (field != null)
				return field.GetValue(of);
		}
		throw new MissingMemberException(of.GetType().Name, name);
	}
}
