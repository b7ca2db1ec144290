<?xml version="1.0" encoding="UTF-8"?>
<!--
  Reads the parsed job (main document), the sections that the other tasks selected and wrote,
  and the profile.  Writes the whole application, résumé and letter, as one XML document; all
  its forms (HTML, text, LaTeX) are made from that.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:str="http://exslt.org/strings" exclude-result-prefixes="str">
  <xsl:include href="write-letter.xsl"/>
  <xsl:output method="xml" encoding="UTF-8" indent="yes"/>
  <xsl:strip-space elements="*"/>

  <xsl:param name="header"/>
  <xsl:param name="summary"/>
  <xsl:param name="experiences"/>
  <xsl:param name="skills"/>
  <xsl:param name="projects"/>
  <xsl:param name="education"/>
  <xsl:param name="profile"/>

  <xsl:variable name="header-part" select="document(str:encode-uri($header, false()))/*"/>
  <xsl:variable name="summary-part" select="document(str:encode-uri($summary, false()))/*"/>
  <xsl:variable name="experience-part" select="document(str:encode-uri($experiences, false()))/*"/>
  <xsl:variable name="skill-part" select="document(str:encode-uri($skills, false()))/*"/>
  <xsl:variable name="project-part" select="document(str:encode-uri($projects, false()))/*"/>
  <xsl:variable name="education-part" select="document(str:encode-uri($education, false()))/*"/>
  <xsl:variable name="person" select="document(str:encode-uri($profile, false()))/profile"/>

  <xsl:template match="/job">
    <application>
      <xsl:copy-of select="$header-part | $summary-part"/>
      <experiences>
        <xsl:for-each select="$experience-part/experience">
          <xsl:sort select="@from" order="descending"/>
          <experience>
            <xsl:call-template name="span"/>
            <xsl:copy-of select="title | employer | place"/>
            <xsl:for-each select="bullet">
              <xsl:sort select="@nr" data-type="number"/>
              <bullet><xsl:value-of select="."/></bullet>
            </xsl:for-each>
          </experience>
        </xsl:for-each>
      </experiences>
      <projects>
        <xsl:for-each select="$project-part/project">
          <xsl:sort select="@year" data-type="number" order="descending"/>
          <xsl:copy-of select="."/>
        </xsl:for-each>
      </projects>
      <skills>
        <xsl:for-each select="$skill-part/group[skill]">
          <group title="{@title}"><xsl:apply-templates select="skill"/></group>
        </xsl:for-each>
      </skills>
      <education>
        <xsl:for-each select="$education-part/degree">
          <degree>
            <xsl:call-template name="span"/>
            <xsl:copy-of select="title | school | note"/>
          </degree>
        </xsl:for-each>
        <xsl:copy-of select="$education-part/language"/>
      </education>
      <xsl:call-template name="letter"/>
    </application>
  </xsl:template>

  <xsl:template match="skill">
    <skill>
      <xsl:value-of select="."/>
      <xsl:if test="@level = 'basic'"> (basic)</xsl:if>
    </skill>
  </xsl:template>

  <!-- @from="2018-09" @to="2021-02" become "09/2018 – 02/2021"; a year alone stays as it is. -->
  <xsl:template name="span">
    <xsl:attribute name="span">
      <xsl:apply-templates select="@from"/>
      <xsl:text>&#160;–&#160;</xsl:text>
      <xsl:apply-templates select="@to"/>
    </xsl:attribute>
  </xsl:template>

  <xsl:template match="@from | @to"><xsl:value-of select="."/></xsl:template>
  <xsl:template match="@*[contains(., '-')]" priority="1">
    <xsl:value-of select="concat(substring-after(., '-'), '/', substring-before(., '-'))"/>
  </xsl:template>
</xsl:stylesheet>
