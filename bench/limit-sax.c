/* SPDX-License-Identifier: MIT */
/*
 * limit-sax FILE: read an XML file with libxml2's SAX2 parser and do nothing with it.  This is a
 * lower bound on the time to load a graph with libxml2.
 *
 * The handlers are empty but necessary: without one for elements, libxml2 would not split
 * attributes.  Nothing is printed; the exit status is 0 if the file is well-formed.
 */
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>

/* The signature is libxml2's.  NOLINTBEGIN(readability-function-size) */
static void
on_start(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *space,
         int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted,
         const xmlChar **attributes)
{
    (void)data;
    (void)name;
    (void)prefix;
    (void)space;
    (void)n_namespaces;
    (void)namespaces;
    (void)n_attributes;
    (void)n_defaulted;
    (void)attributes;
}

/* NOLINTEND(readability-function-size) */

static void
on_end(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *space)
{
    (void)data;
    (void)name;
    (void)prefix;
    (void)space;
}

static void
on_text(void *data, const xmlChar *text, int length)
{
    (void)data;
    (void)text;
    (void)length;
}

int
main(int argc, char **argv)
{
    xmlSAXHandler handlers = {
        .initialized = XML_SAX2_MAGIC,
        .startElementNs = on_start,
        .endElementNs = on_end,
        .characters = on_text,
        .cdataBlock = on_text,
    };

    if (argc != 2) {
        fprintf(stderr, "usage: limit-sax FILE\n");
        return 2;
    }

    xmlParserCtxt *parser = xmlNewParserCtxt();

    if (!parser)
        return EXIT_FAILURE;
    *parser->sax = handlers;
    xmlCtxtReadFile(parser, argv[1], NULL, XML_PARSE_NONET | XML_PARSE_HUGE);

    int status = parser->wellFormed ? EXIT_SUCCESS : EXIT_FAILURE;

    xmlFreeParserCtxt(parser);
    return status;
}
